/* SPDX-License-Identifier: GPL-2.0-only */
/* The stretched processes and the shells of this node, by /proc/elasticos. */
#ifndef SESSIONS_H
#define SESSIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "elasticos_ioctl.h"

struct session {
	pid_t pid;
	uint32_t node;   /* the number of this machine, 0 for home */
	uint64_t cookie; /* of a shell: whose it is */
	char state[12];
	char policy[12];
	uint32_t threshold;
	uint64_t budget;   /* pages, 0 for no limit */
	uint64_t resident; /* pages */
	uint64_t jumps_out;
	uint64_t jumps_in;
	uint64_t pulls;
	uint64_t pulled_pages;
	uint64_t pushed_pages;
	uint64_t bytes_sent;
	uint64_t bytes_received;
	bool known[EOS_NODES]; /* there is, or was, a connection to that node */
	bool linked[EOS_NODES];  /* and it is up */
	int64_t room[EOS_NODES]; /* pages, as last heard */
};

int sessions_parse(FILE *file, struct session *sessions, int most);
int sessions_read(struct session *sessions, int most);

#endif
