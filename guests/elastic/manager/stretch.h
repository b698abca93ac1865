/* SPDX-License-Identifier: GPL-2.0-only */
/* What a home asks of other nodes and of its own kernel; workers' parts. */
#ifndef STRETCH_H
#define STRETCH_H

#include "manager.h"

/* What the manager wants done, as it knew things when the worker began. */
struct task {
	const struct manager *manager;
	struct process process;
	int peers[EOS_NODES]; /* to stretch to, in this order */
	int count;
};

void survey(struct worker_channel *channel, void *task);
void stretch(struct worker_channel *channel, void *task);
void contract(struct worker_channel *channel, void *task);
void set_policy(struct worker_channel *channel, void *task);

#endif
