/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Workers: children of the manager that do what can take a while, so that its
 * loop never waits. A worker has a copy of what the manager knew when it began.
 * It tells the manager what happens by reports.
 */
#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "message.h"

enum report_type {
	REPORT_PROVEN, /* the other side knows the key */
	REPORT_WANT,   /* pages are wanted; the answer says how many */
	REPORT_SHELL,  /* a shell began */
	REPORT_SHELL_ENDED,
	REPORT_STRETCHED, /* to one node more */
	REPORT_SURVEYED,  /* how a peer is */
	REPORT_RESULT,    /* the last one */
};

struct report {
	enum report_type type;
	int error; /* 0 or a positive errno */
	char text[160];
	int peer; /* index */
	uint32_t node;
	uint32_t pages;
	pid_t shell;
	uint64_t cookie;
	uint64_t user_us; /* processor time of the shell, by wait4(2) */
	uint64_t system_us;
	uint64_t peak_kb;
	int status; /* of its end, as wait4(2) gives it */
	struct message_status health;
};

struct worker_channel {
	int fd;
};

pid_t worker_start(struct worker_channel *manager_end,
		   void (*work)(struct worker_channel *channel, void *argument),
		   void *argument);
void worker_report(struct worker_channel *channel, const struct report *report);
void worker_result(struct worker_channel *channel, int error,
		   const char *format, ...)
	__attribute__((format(printf, 3, 4)));
uint32_t worker_grant(struct worker_channel *channel, uint32_t pages);
int worker_read(struct worker_channel *channel, struct report *report);

#endif
