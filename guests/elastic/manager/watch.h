/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks after processes: at each when it is due, and acts on what it sees. */
#ifndef WATCH_H
#define WATCH_H

#include "manager.h"

int64_t watch(struct manager *manager);
void hold(const struct manager *manager, const struct process *process);
void let_go(const struct manager *manager, const struct process *process);
struct worker *begin_survey(struct manager *manager);
struct worker *begin_stretch(struct manager *manager, struct process *process,
			     int peer);
struct worker *begin_contract(struct manager *manager, struct process *process);
struct worker *begin_policy(struct manager *manager, struct process *process);

#endif
