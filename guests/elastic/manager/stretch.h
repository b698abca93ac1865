/* SPDX-License-Identifier: GPL-2.0-only */
/* What workers of a home ask of other nodes and of their own kernel. */
#ifndef STRETCH_H
#define STRETCH_H

#include "manager.h"

/* What is to be done, and what the manager knew when the worker began. */
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
