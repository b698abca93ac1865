/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events of stretched processes: events/elasticos in tracefs.
 * docs/debugging.md says what each is for.
 *
 * Fields that several events have are the same in all of them:
 *	pid	the process, on nodes other than home its shell
 *	node	this node's number for the process, home is 0
 *	peer	the node at the other end
 *	address	a page, for a jump an instruction
 *	pages	how many, from there on
 *	ns	how long it took
 *	error	0 or -errno
 *
 * The formats have numbers where the code has enumerators: 2.6.38.8 passes the
 * text on as it stands, and trace-cmd knows no enumerator. trace.c holds the
 * numbers against them.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM elasticos

#if !defined(_ELASTICOS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _ELASTICOS_TRACE_H

#include <linux/tracepoint.h>

#include "session.h"

#define eos_show_kind(kind)						\
	__print_symbolic(kind,						\
			 { 1, "zero" }, { 2, "page" },			\
			 { 3, "copy" }, { 4, "kept" })

#define eos_show_mode(mode)						\
	__print_symbolic(mode,						\
			 { 0, "adaptive" }, { 1, "threshold" },		\
			 { 2, "sticky" }, { 3, "migrate" })

/* A page is touched that another node has, by the program or for it. */
TRACE_EVENT(eos_fault,

	TP_PROTO(const struct eos_session *s, unsigned int peer,
		 unsigned long address, unsigned int program),

	TP_ARGS(s, peer, address, program),

	TP_STRUCT__entry(
		__field(pid_t,		pid)
		__field(unsigned int,	node)
		__field(unsigned int,	peer)
		__field(unsigned long,	address)
		__field(unsigned int,	program)
	),

	TP_fast_assign(
		__entry->pid = task_pid_nr(s->task);
		__entry->node = s->self;
		__entry->peer = peer;
		__entry->address = address;
		__entry->program = program;
	),

	TP_printk("pid=%d node=%u peer=%u address=0x%lx by=%s",
		  __entry->pid, __entry->node, __entry->peer, __entry->address,
		  __entry->program ? "program" : "kernel")
);

/* The policy has chosen between pull and jump: policy.c. */
TRACE_EVENT(eos_decide,

	TP_PROTO(const struct eos_session *s, unsigned int peer,
		 unsigned long address, unsigned int expected,
		 unsigned int jump),

	TP_ARGS(s, peer, address, expected, jump),

	TP_STRUCT__entry(
		__field(pid_t,		pid)
		__field(unsigned int,	node)
		__field(unsigned int,	peer)
		__field(unsigned long,	address)
		__field(unsigned int,	jump)
		__field(unsigned int,	mode)
		__field(unsigned int,	score)
		__field(unsigned int,	expected)
		__field(unsigned int,	threshold)
		__field(u64,		pull_ns)
		__field(u64,		work_ns)
		__field(u64,		toll)
	),

	TP_fast_assign(
		__entry->pid = task_pid_nr(s->task);
		__entry->node = s->self;
		__entry->peer = peer;
		__entry->address = address;
		__entry->jump = jump;
		__entry->mode = s->policy.mode;
		__entry->score = s->pace.score[peer];
		__entry->expected = expected;
		__entry->threshold = s->policy.threshold;
		__entry->pull_ns = s->pace.pull_ns;
		__entry->work_ns = s->pace.work_ns;
		__entry->toll = eos_policy_toll(s);
	),

	TP_printk("pid=%d node=%u peer=%u address=0x%lx choice=%s mode=%s score=%u expected=%u threshold=%u pull_ns=%llu work_ns=%llu toll=%llu",
		  __entry->pid, __entry->node, __entry->peer, __entry->address,
		  __entry->jump ? "jump" : "pull",
		  eos_show_mode(__entry->mode), __entry->score,
		  __entry->expected, __entry->threshold, __entry->pull_ns,
		  __entry->work_ns, __entry->toll)
);

/* Was the jump that ends worth it? The adaptive mode learns its threshold. */
TRACE_EVENT(eos_learn,

	TP_PROTO(const struct eos_session *s, u64 worked, u64 paging,
		 u64 spent, u64 saved, unsigned int before),

	TP_ARGS(s, worked, paging, spent, saved, before),

	TP_STRUCT__entry(
		__field(pid_t,		pid)
		__field(unsigned int,	node)
		__field(unsigned int,	before)
		__field(unsigned int,	threshold)
		__field(u64,		worked_ns)
		__field(u64,		paging_ns)
		__field(u64,		spent_ns)
		__field(u64,		saved_ns)
		__field(u64,		source_toll)
	),

	TP_fast_assign(
		__entry->pid = task_pid_nr(s->task);
		__entry->node = s->self;
		__entry->before = before;
		__entry->threshold = s->policy.threshold;
		__entry->worked_ns = worked;
		__entry->paging_ns = paging;
		__entry->spent_ns = spent;
		__entry->saved_ns = saved;
		__entry->source_toll = s->pace.source_toll;
	),

	TP_printk("pid=%d node=%u before=%u threshold=%u worked_ns=%llu paging_ns=%llu spent_ns=%llu saved_ns=%llu source_toll=%llu",
		  __entry->pid, __entry->node, __entry->before,
		  __entry->threshold, __entry->worked_ns, __entry->paging_ns,
		  __entry->spent_ns, __entry->saved_ns, __entry->source_toll)
);

/* Pages have come; @kind is that of the first. */
TRACE_EVENT(eos_pull,

	TP_PROTO(const struct eos_session *s, unsigned int peer,
		 unsigned long address, unsigned int pages, unsigned int kind,
		 u64 ns),

	TP_ARGS(s, peer, address, pages, kind, ns),

	TP_STRUCT__entry(
		__field(pid_t,		pid)
		__field(unsigned int,	node)
		__field(unsigned int,	peer)
		__field(unsigned long,	address)
		__field(unsigned int,	pages)
		__field(unsigned int,	kind)
		__field(u64,		ns)
	),

	TP_fast_assign(
		__entry->pid = task_pid_nr(s->task);
		__entry->node = s->self;
		__entry->peer = peer;
		__entry->address = address;
		__entry->pages = pages;
		__entry->kind = kind;
		__entry->ns = ns;
	),

	TP_printk("pid=%d node=%u peer=%u address=0x%lx pages=%u kind=%s ns=%llu",
		  __entry->pid, __entry->node, __entry->peer, __entry->address,
		  __entry->pages, eos_show_kind(__entry->kind), __entry->ns)
);

/* A batch has gone; @names of its pages as names only. */
TRACE_EVENT(eos_push,

	TP_PROTO(const struct eos_session *s, unsigned int peer,
		 unsigned long address, unsigned int pages,
		 unsigned int names, u64 ns),

	TP_ARGS(s, peer, address, pages, names, ns),

	TP_STRUCT__entry(
		__field(pid_t,		pid)
		__field(unsigned int,	node)
		__field(unsigned int,	peer)
		__field(unsigned long,	address)
		__field(unsigned int,	pages)
		__field(unsigned int,	names)
		__field(u64,		ns)
	),

	TP_fast_assign(
		__entry->pid = task_pid_nr(s->task);
		__entry->node = s->self;
		__entry->peer = peer;
		__entry->address = address;
		__entry->pages = pages;
		__entry->names = names;
		__entry->ns = ns;
	),

	TP_printk("pid=%d node=%u peer=%u address=0x%lx pages=%u names=%u ns=%llu",
		  __entry->pid, __entry->node, __entry->peer, __entry->address,
		  __entry->pages, __entry->names, __entry->ns)
);

/* The two ends of a jump have the same epoch. */
DECLARE_EVENT_CLASS(eos_jump,

	TP_PROTO(const struct eos_session *s, unsigned int peer,
		 unsigned long address, unsigned int forced),

	TP_ARGS(s, peer, address, forced),

	TP_STRUCT__entry(
		__field(pid_t,		pid)
		__field(unsigned int,	node)
		__field(unsigned int,	peer)
		__field(unsigned long,	address)
		__field(unsigned int,	forced)
		__field(u64,		epoch)
	),

	TP_fast_assign(
		__entry->pid = task_pid_nr(s->task);
		__entry->node = s->self;
		__entry->peer = peer;
		__entry->address = address;
		__entry->forced = forced;
		__entry->epoch = s->epoch;
	),

	TP_printk("pid=%d node=%u peer=%u address=0x%lx by=%s epoch=%llu",
		  __entry->pid, __entry->node, __entry->peer, __entry->address,
		  __entry->forced ? "need" : "choice", __entry->epoch)
);

DEFINE_EVENT(eos_jump, eos_jump_leave,

	TP_PROTO(const struct eos_session *s, unsigned int peer,
		 unsigned long address, unsigned int forced),

	TP_ARGS(s, peer, address, forced)
);

DEFINE_EVENT(eos_jump, eos_jump_arrive,

	TP_PROTO(const struct eos_session *s, unsigned int peer,
		 unsigned long address, unsigned int forced),

	TP_ARGS(s, peer, address, forced)
);

/* A node has joined the process, which then had @pages at home, or has not. */
TRACE_EVENT(eos_stretch,

	TP_PROTO(const struct eos_session *s, unsigned int peer, int error,
		 u64 ns),

	TP_ARGS(s, peer, error, ns),

	TP_STRUCT__entry(
		__field(pid_t,		pid)
		__field(unsigned int,	node)
		__field(unsigned int,	peer)
		__field(unsigned long,	pages)
		__field(unsigned int,	budget)
		__field(int,		error)
		__field(u64,		ns)
	),

	TP_fast_assign(
		__entry->pid = task_pid_nr(s->task);
		__entry->node = s->self;
		__entry->peer = peer;
		__entry->pages = eos_anonymous_pages(s->mm);
		__entry->budget = READ_ONCE(s->budget);
		__entry->error = error;
		__entry->ns = ns;
	),

	TP_printk("pid=%d node=%u peer=%u pages=%lu budget=%u error=%d ns=%llu",
		  __entry->pid, __entry->node, __entry->peer, __entry->pages,
		  __entry->budget, __entry->error, __entry->ns)
);

/* @pages came home for the process to be whole again, or it still is not. */
TRACE_EVENT(eos_contract,

	TP_PROTO(const struct eos_session *s, u64 pages, int error, u64 ns),

	TP_ARGS(s, pages, error, ns),

	TP_STRUCT__entry(
		__field(pid_t,		pid)
		__field(unsigned int,	node)
		__field(u64,		pages)
		__field(int,		error)
		__field(u64,		ns)
	),

	TP_fast_assign(
		__entry->pid = task_pid_nr(s->task);
		__entry->node = s->self;
		__entry->pages = pages;
		__entry->error = error;
		__entry->ns = ns;
	),

	TP_printk("pid=%d node=%u pages=%llu error=%d ns=%llu",
		  __entry->pid, __entry->node, __entry->pages, __entry->error,
		  __entry->ns)
);

/* A node is lost. The reason is what /proc/elasticos shows, if it is known. */
TRACE_EVENT(eos_loss,

	TP_PROTO(struct eos_session *s, unsigned int peer, int error),

	TP_ARGS(s, peer, error),

	TP_STRUCT__entry(
		__field(pid_t,		pid)
		__field(unsigned int,	node)
		__field(unsigned int,	peer)
		__field(int,		error)
		__array(char,		reason, EOS_REASON_BYTES)
	),

	TP_fast_assign(
		__entry->pid = task_pid_nr(s->task);
		__entry->node = s->self;
		__entry->peer = peer;
		__entry->error = error;
		eos_get_reason(s, __entry->reason);
	),

	TP_printk("pid=%d node=%u peer=%u error=%d reason=%s",
		  __entry->pid, __entry->node, __entry->peer, __entry->error,
		  __entry->reason)
);

#endif

/* Not in include/trace/events: the Kbuild file names this folder. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE elasticos_trace
#include <trace/define_trace.h>
