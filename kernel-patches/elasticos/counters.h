/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ELASTICOS_COUNTERS_H
#define _ELASTICOS_COUNTERS_H

#include <linux/types.h>

#define EOS_BUCKETS	24	/* powers of two of microseconds */

struct eos_histogram {
	u64 count[EOS_BUCKETS];
	u64 total_ns;
};

/* The names are an interface: each is a line of /proc/elasticos. */
struct eos_counters {
	u64 pulls;		/* questions asked */
	u64 pulled_pages;		/* contents that came */
	u64 pulled_copies;		/* of them read-only copies */
	u64 pulled_zeroes;		/* pages that came as zeroes */
	u64 moved_hints;		/* answers that named another owner */
	u64 served_pulls;		/* questions answered */
	u64 served_pages;		/* contents given */
	u64 pushes;		/* batches sent */
	u64 pushed_pages;
	u64 pushed_names;		/* of them those that were kept */
	u64 received_pages;		/* pushed to us */
	u64 dropped_copies;		/* read-only copies forgotten */
	u64 clock_rounds;		/* of the hand that looks for idle pages */
	u64 jumps_out;
	u64 jumps_in;
	u64 jump_bytes;		/* registers, without hot pages */
	u64 forced_system_call;		/* jumps home for a system call */
	u64 forced_bad_area;		/* ... for an address only home can judge */
	u64 forced_trap;		/* ... for a processor exception */
	u64 forced_stuck;		/* jumps to a page that cannot leave */
	u64 recalls;
	u64 metas;		/* lists of mappings sent or taken */
	u64 discards;		/* ranges sent or taken */
	u64 syncs;
	u64 gathered_pages;		/* brought back for mremap, mprotect, fork */
	u64 bytes_sent;
	u64 bytes_received;
	struct eos_histogram pull;	/* one question and answer */
	struct eos_histogram push;	/* one batch, to the socket */
	struct eos_histogram serve;	/* one answer, to the socket */
	struct eos_histogram away;	/* from a jump out to the next in */
	struct eos_histogram stretch;	/* to one node, until it has answered */
	struct eos_histogram apply;	/* a list of mappings that came */
};

struct eos_session;

void eos_counters_retire(const struct eos_session *s);
void eos_histogram_add(struct eos_histogram *histogram, u64 ns);

#endif
