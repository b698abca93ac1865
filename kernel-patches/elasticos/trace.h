/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ELASTICOS_TRACE_H
#define _ELASTICOS_TRACE_H

#include <linux/compiler.h>
#include <linux/types.h>

struct eos_session;

enum eos_trace {
	EOS_TRACE_PULL,		/* pages moved here */
	EOS_TRACE_ZERO,		/* they were zeroes */
	EOS_TRACE_COPY,		/* read-only, copied here */
	EOS_TRACE_PUSH,		/* a batch, from its first address */
	EOS_TRACE_JUMP,		/* by choice, at this instruction */
	EOS_TRACE_FORCED,	/* by need, at this instruction */
	EOS_TRACE_ARRIVE,
};

extern bool eos_tracing;

void eos_trace_record(struct eos_session *s, enum eos_trace what,
		      unsigned long address, unsigned int peer,
		      unsigned int pages);
int eos_trace_init(void);
void eos_trace_exit(void);

/**
 * eos_trace - note what happened, if anybody listens
 * @s: session
 * @what: happened
 * @address: page, or instruction for a jump
 * @peer: other node
 * @pages: how many
 */
static inline void eos_trace(struct eos_session *s, enum eos_trace what,
			     unsigned long address, unsigned int peer,
			     unsigned int pages)
{
	if (unlikely(eos_tracing))
		eos_trace_record(s, what, address, peer, pages);
}

#endif
