/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest: a connection that another manager has made to this one. */
#ifndef GUEST_H
#define GUEST_H

#include "manager.h"

struct guest {
	const struct manager *manager;
	int fd;
	bool for_pages; /* called on the page port */
};

void guest_serve(struct worker_channel *channel, void *guest);

#endif
