/* SPDX-License-Identifier: GPL-2.0-only */
/* When a process is stretched, to one node more, and contracted. */
#ifndef DECIDE_H
#define DECIDE_H

#include <stdbool.h>
#include <stdint.h>

enum action {
	ACTION_STAY,
	ACTION_STRETCH, /* to one node more */
	ACTION_CONTRACT,
};

/* Pages, and milliseconds. */
struct situation {
	uint64_t resident;  /* of the process, here */
	uint64_t budget;    /* that it may have here, 0 for no limit */
	uint64_t available; /* that this machine has left */
	uint64_t least;     /* that it should have left */
	uint32_t nodes;     /* elsewhere, that it is on */
	uint64_t lent;      /* that they have given it */
	uint64_t away;      /* that it has there */
	bool limited;       /* whether they have a limit */
	uint64_t calm;      /* how long it would have fitted here */
};

struct decision {
	enum action action;
	uint32_t look_in; /* milliseconds */
};

bool fits_at_home(const struct situation *now);
struct decision decide(const struct situation *now);

#endif
