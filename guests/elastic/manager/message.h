/* SPDX-License-Identifier: GPL-2.0-only */
/* What managers say to each other, each message in a frame of its own. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdint.h>

#include "talk.h"

#define NODES_MOST 8 /* EOS_NODES: of one process, home is node 0 */

enum message_type {
	MESSAGE_ASK = 1, /* how are you? */
	MESSAGE_STATUS,  /* the answer */
	MESSAGE_ADOPT,   /* be a node of a process of mine */
	MESSAGE_JOIN,    /* join me to a shell that you have */
	MESSAGE_DONE,    /* the answer to both: the kernel has the stream */
};

/* Bytes, and numbers of processes. */
struct message_status {
	uint64_t total;
	uint64_t free;
	uint64_t lendable;
	uint32_t processes; /* that run here under the manager */
	uint32_t shells;    /* of other nodes' processes */
};

/* A node that the process is on already. */
struct member {
	uint32_t node;
	struct endpoint at; /* where its manager takes joins */
};

#define BUDGET_ANY  0          /* as much as can be lent */
#define BUDGET_NONE UINT32_MAX /* no limit: swap there if need be */

struct message_adopt {
	uint64_t cookie;
	uint32_t node;   /* that the receiver becomes */
	uint32_t budget; /* pages wanted, or BUDGET_... */
	uint32_t lease_ms;
	uint32_t sealed; /* 0 or 1: what the kernels say, everywhere */
	uint32_t members;
	struct member member[NODES_MOST];
};

struct message_join {
	uint64_t cookie;
	uint32_t from;   /* node number of the sender */
	uint32_t to;     /* node number that it believes the receiver has */
	uint32_t sealed; /* as in ADOPT */
};

struct message_done {
	int32_t error;   /* 0 or a positive errno */
	uint32_t budget; /* pages lent, 0 for no limit */
	int32_t pid;     /* of the shell */
};

void status_pack(const struct message_status *status, struct frame *frame);
int status_unpack(const struct frame *frame, struct message_status *status);
void adopt_pack(const struct message_adopt *adopt, struct frame *frame);
int adopt_unpack(const struct frame *frame, struct message_adopt *adopt);
void join_pack(const struct message_join *join, struct frame *frame);
int join_unpack(const struct frame *frame, struct message_join *join);
void done_pack(const struct message_done *done, struct frame *frame);
int done_unpack(const struct frame *frame, struct message_done *done);

#endif
