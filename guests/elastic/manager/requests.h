/* SPDX-License-Identifier: GPL-2.0-only */
/* The requests of the `elastic` command. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "manager.h"

void request_serve(struct manager *manager, int client);
void request_finish(struct manager *manager, struct worker *worker,
		    const struct report *result);

#endif
