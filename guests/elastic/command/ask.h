/* SPDX-License-Identifier: GPL-2.0-only */
/* One question to the manager of this node. */
#ifndef ASK_H
#define ASK_H

#include <sys/types.h>

#include "control.h"

int ask(struct control_request *request, struct control_reply *reply,
	pid_t *manager);

#endif
