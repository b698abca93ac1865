/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the command asks of the manager of its node: one request and one reply
 * over a SOCK_SEQPACKET socket in the file system, which only root may open.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "elasticos_ioctl.h"
#include "hosts.h"

#define CONTROL_PLACE   "/run/elastic"
#define CONTROL_SOCKET  CONTROL_PLACE "/control"
#define CONTROL_VERSION 3

enum verb {
	VERB_RUN, /* manage the caller, which executes its program next */
	VERB_PS,
	VERB_NODES,
	VERB_STRETCH,
	VERB_CONTRACT,
	VERB_STICK,
	VERB_UNSTICK,
	VERB_POLICY,
};

/* Which fields of a wish were given. */
#define WISH_BUDGET    0x01
#define WISH_MODE      0x02
#define WISH_THRESHOLD 0x04
#define WISH_WINDOW    0x08
#define WISH_NODES     0x10

#define THRESHOLD_MOST (1 << 20)
#define WINDOW_MOST    64

/* How a process is to be treated. */
struct wish {
	uint32_t given;
	uint32_t budget; /* pages resident at home, 0 for no limit */
	uint32_t mode;   /* enum eos_mode */
	uint32_t threshold;
	uint32_t window;
	uint32_t nodes;    /* how many to be stretched over, home included */
	uint32_t manual;   /* stretch and contract on command only */
	uint32_t children; /* treat those that it starts like it */
};

struct control_request {
	uint32_t version;
	uint32_t verb;
	int32_t pid;
	char node[HOST_NAME];
	struct wish wish;
};

struct control_process {
	int32_t pid;
	char name[16];
	uint64_t cookie;  /* the same at home and for its shells, or 0 */
	uint32_t managed; /* 0 for a shell, or stretched by somebody else */
	uint32_t manual;
	uint32_t self;  /* this machine's node number, 0 for home */
	char state[12]; /* of /proc/elasticos, "whole" or "threads" */
	char policy[12];
	char nodes[EOS_NODES][HOST_NAME]; /* by number; "" where there is none */
	uint32_t known;  /* bit N: there is, or was, a connection to node N */
	uint32_t linked; /* bit N: it is up */
	uint64_t budget;
	uint64_t resident;
	uint64_t jumps_out;
	uint64_t jumps_in;
	uint64_t pulls;
	uint64_t pulled_pages;
	uint64_t pushed_pages;
	uint64_t bytes_sent;
	uint64_t bytes_received;
};

struct control_node {
	char name[HOST_NAME];
	uint32_t address;
	uint32_t self;
	int32_t error; /* 0, or why there are no figures: a positive errno */
	uint64_t total;
	uint64_t free;
	uint64_t lendable;
	uint32_t processes;
	uint32_t shells;
};

#define CONTROL_ROWS 80

struct control_reply {
	uint32_t version;
	int32_t error;  /* 0 or a positive errno */
	char text[160]; /* explains the error */
	uint32_t count; /* rows that follow */
	union {
		struct control_process process[CONTROL_ROWS];
		struct control_node node[CONTROL_ROWS];
	} rows;
};

const char *policy_name(uint32_t mode);
int policy_by_name(const char *name, uint32_t *mode);

#endif
