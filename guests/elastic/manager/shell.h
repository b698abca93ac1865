/* SPDX-License-Identifier: GPL-2.0-only */
/* A shell: the process by which a node takes part in another's process. */
#ifndef SHELL_H
#define SHELL_H

#include "manager.h"
#include "talk.h"

void shell_adopt(const struct manager *manager, struct worker_channel *channel,
		 struct talk *home, const struct message_adopt *adopt);
void shell_join(struct worker_channel *channel, struct talk *other,
		const struct message_join *join);

#endif
