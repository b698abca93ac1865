// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resume hook: what a process does before it returns to user space, and
 * parking, which is serving the node that runs it. See session.h for the
 * locks.
 */

#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched.h>

#include "elasticos_trace.h"
#include "session.h"

/**
 * eos_session_request_jump - leave at the next return to user space
 * @s: session of current, running
 * @node: where to
 * @forced: by need, not by choice
 */
void eos_session_request_jump(struct eos_session *s, unsigned int node,
			      bool forced)
{
	eos_assert_task(s);
	s->jump_to = node;
	s->jump_forced = forced;
	s->decided = eos_now();
	set_thread_flag(TIF_NOTIFY_RESUME);
}

/**
 * eos_session_goes_back - leave when a system call is done, for the node that
 * the process has migrated to
 * @s: session of current, running at home
 * @ends_handler: the call is the one that ends a signal's handler
 */
void eos_session_goes_back(struct eos_session *s, bool ends_handler)
{
	eos_assert_task(s);
	s->goes_back = true;
	s->ends_handler = ends_handler;
	set_thread_flag(TIF_NOTIFY_RESUME);
}

static int eos_serve_message(struct eos_session *s, struct eos_link *link,
			     const struct eos_header *header,
			     struct pt_regs *regs)
{
	size_t length = le32_to_cpu(header->length);
	struct kvec body[1];

	switch (header->type) {
	case EOS_PULL:
		return eos_pull_serve(s, link);
	case EOS_PUSH:
		return eos_push_receive(s, link, length);
	case EOS_META:
		return eos_mmap_receive(s, link, length);
	case EOS_DISCARD:
		return eos_mmap_receive_discard(s, link, length);
	case EOS_JUMP:
		return eos_jump_receive(s, link, length, regs);
	case EOS_SYNC:
		eos_kept_drop(s, 0, TASK_SIZE_MAX);
		return eos_send(link, EOS_SYNCED, body, 1, 0);
	default:
		return eos_hear(link, header);
	}
}

static int eos_serve(struct eos_session *s, struct eos_link *link,
		     struct pt_regs *regs)
{
	struct eos_header header;
	int ret;

	s->serving = link;
	s->beaten = jiffies;
	ret = eos_receive_header(link, &header);
	/* all others only speak when they are asked */
	if (!ret && header.type != EOS_LOST) {
		s->heard = link->node;
		s->quiet = 0;
	}
	if (!ret)
		ret = eos_serve_message(s, link, &header, regs);
	s->serving = NULL;
	return ret;
}

static struct eos_link *eos_readable(struct eos_session *s)
{
	unsigned int node;

	for (node = 0; node < EOS_NODES; node++) {
		struct eos_link *link = s->links[node];

		if (link && READ_ONCE(link->up) && eos_link_readable(link))
			return link;
	}
	return NULL;
}

static void eos_recall(struct eos_session *s)
{
	struct eos_wire_recall recall = { .away = cpu_to_le64(s->away) };

	s->counters.recalls++;
	eos_tell_all(s, EOS_RECALL, &recall, sizeof(recall));
}

/* Whether a parked task has something to do. */
static bool eos_called(struct eos_session *s, bool recalled)
{
	if (eos_readable(s) || eos_state(s) != EOS_PARKED)
		return true;
	if (!eos_is_home(s))
		return READ_ONCE(s->request);
	return READ_ONCE(s->page_wanted) ||
	       (!recalled &&
		(READ_ONCE(s->request) || READ_ONCE(s->recall_wanted) ||
		 eos_mmap_stale(s)));
}

/* A shell waits for as long as its home is there, home for a beat at most. */
static void eos_park_wait(struct eos_session *s, bool recalled)
{
	long left = eos_is_home(s) ? s->beat : MAX_SCHEDULE_TIMEOUT;
	int mode = TASK_INTERRUPTIBLE;
	DEFINE_WAIT(wait);

	/* no signal but SIGKILL ends a wait that nothing follows from */
	if (recalled || signal_pending(current))
		mode = TASK_KILLABLE;
	if (s->dying)
		mode = TASK_UNINTERRUPTIBLE;
	prepare_to_wait(&s->wait, &wait, mode);
	if (!eos_called(s, recalled) && !signal_pending_state(mode, current))
		schedule_timeout(left);
	finish_wait(&s->wait, &wait);
}

/* Nobody has said for a whole lease that it runs the process. */
static void eos_registers_lost(struct eos_session *s)
{
	unsigned int node = s->lost ? s->lost : s->heard;
	int error = s->lost ? s->links[node]->error : -ETIMEDOUT;

	if (s->dying) {	/* it ends anyway, as it is */
		eos_set_state(s, EOS_DEAD);
		return;
	}
	eos_fail(s, "node %u is lost (%d), and the registers with it", node,
		 error);
	trace_eos_loss(s, node, error);
}

/*
 * A process that is killed while away has its registers brought home before it
 * dies: only whoever runs it can read its memory, and the kernel reads there
 * which futexes it held.
 */
static bool eos_dies_now(struct eos_session *s)
{
	bool killed = fatal_signal_pending(current);

	s->dying = killed && eos_is_home(s) && eos_linked(s);
	return killed && !s->dying;
}

static void eos_park_serve(struct eos_session *s, struct eos_link *link,
			   struct pt_regs *regs)
{
	int ret = eos_serve(s, link, regs);

	if (ret && eos_state(s) == EOS_PARKED && link->up)
		eos_fail(s, "cannot serve node %u (%d)", link->node, ret);
	eos_time_heard(s);
}

/* Serve the node that runs the process, until it sends the execution here. */
static void eos_park(struct eos_session *s, struct pt_regs *regs)
{
	bool home = eos_is_home(s), recalled = false;
	u64 left = eos_now();

	WRITE_ONCE(s->recall_wanted, false);
	WRITE_ONCE(s->page_wanted, 0);
	s->lost = 0;
	s->quiet = 0;
	if (home)
		eos_jump_prepare(s);
	while (eos_state(s) == EOS_PARKED) {
		struct eos_link *link = eos_readable(s);
		unsigned long since = jiffies;

		if (eos_dies_now(s))
			return;
		/* pushes may come without a pause: a node that joins must not wait */
		if (!home && READ_ONCE(s->request)) {
			eos_serve_request(s);
			continue;
		}
		if (link) {
			eos_park_serve(s, link, regs);
			continue;
		}
		eos_losses_tell(s);
		if (home && !recalled &&
		    (signal_pending(current) || READ_ONCE(s->request) ||
		     READ_ONCE(s->recall_wanted) || eos_mmap_stale(s))) {
			recalled = true;
			eos_recall(s);
			continue;
		}
		if (home && READ_ONCE(s->page_wanted)) {
			eos_onlooker_ask(s);
			continue;
		}
		eos_park_wait(s, recalled);
		if (home && !eos_readable(s) && eos_silent(s, since, &s->quiet))
			eos_registers_lost(s);
	}
	eos_histogram_add(&s->counters.away, eos_now() - left);
}

/* A shell's first passage: forget the manager's program, meet home. */
static void eos_shell_start(struct eos_session *s)
{
	struct eos_link *home = s->links[EOS_HOME];
	struct eos_header header;
	int ret;

	s->adopting = false;
	ret = eos_mmap_clear();
	/* other shells may be joined before home says anything */
	while (!ret && !eos_link_readable(home)) {
		if (READ_ONCE(s->request)) {
			eos_serve_request(s);
			continue;
		}
		ret = wait_event_killable(s->wait, READ_ONCE(s->request) ||
					  eos_link_readable(home));
	}
	if (!ret)
		ret = eos_receive_header(home, &header);
	if (!ret)
		ret = eos_hello_check(s, home);
	if (!ret || ret == -EMEDIUMTYPE) {
		/* home judges by our answer, so send it in any case */
		int sent = eos_hello_send(s, home);

		ret = ret ? ret : sent;
	}
	if (ret) {
		eos_fail(s, "no greeting from home (%d)", ret);
		return;
	}
	eos_set_state(s, EOS_PARKED);
	eos_lease_begin(s);
}

/*
 * While running: the others may say something, a stream may break. Home is told
 * that the process runs, when it is time.
 */
static void eos_poll(struct eos_session *s, struct pt_regs *regs)
{
	struct eos_header header;
	struct eos_link *link;

	mutex_lock(&s->mutex);
	while (eos_state(s) == EOS_RUNNING && (link = eos_readable(s)))
		if (!eos_receive_header(link, &header))
			eos_hear(link, &header);
	eos_beat_running(s);
	eos_losses_tell(s);
	mutex_unlock(&s->mutex);
}

/*
 * At the budget, and nobody to push to: wait for a node, as long as there is
 * patience left. Returns whether there is something to do.
 */
static bool eos_hold(struct eos_session *s)
{
	u32 patience = READ_ONCE(s->patience_ms);
	long left;

	if (!patience || !eos_over_budget(s))
		return false;
	left = wait_event_interruptible_timeout(s->wait,
						READ_ONCE(s->request) ||
						READ_ONCE(s->patience_ms) !=
						patience,
						msecs_to_jiffies(patience));
	if (left < 0)
		return false;
	spin_lock(&s->request_lock);
	if (s->patience_ms == patience)
		WRITE_ONCE(s->patience_ms, jiffies_to_msecs(left));
	spin_unlock(&s->request_lock);
	return true;
}

/*
 * A signal may have called the process home before it did anything. Then it does
 * that here, when its handler has ended.
 */
static void eos_go_back(struct eos_session *s)
{
	if (s->goes_back && !(s->ends_handler && eos_jump_stalled(s)))
		eos_session_request_jump(s, s->policy.target, true);
	s->goes_back = false;
}

/* Where to go now, or -1 to stay. */
static int eos_destination(struct eos_session *s)
{
	int node;

	eos_go_back(s);
	node = s->jump_to;
	s->jump_to = -1;
	if (eos_is_home(s))
		return signal_pending(current) || eos_stays_home(s) ? -1 : node;
	if (s->recalled && s->recalled == s->away) {
		if (node < 0)
			s->decided = eos_now();
		s->jump_forced = true;
		return EOS_HOME;
	}
	return node;
}

/* A shell could not send the execution to a node; home may be able to help. */
static void eos_stranded(struct eos_session *s, unsigned int node)
{
	if (node != EOS_HOME) {
		eos_session_request_jump(s, EOS_HOME, true);
		return;
	}
	mutex_lock(&s->mutex);
	eos_fail(s, "cannot jump home");
	mutex_unlock(&s->mutex);
}

/*
 * eos_ops.resume: current is about to return to user space and holds nothing.
 */
int eos_session_resume(struct pt_regs *regs)
{
	struct eos_session *s = current->mm->eos;
	int node;

	if (current != s->task)
		return 0;
	clear_thread_flag(TIF_NOTIFY_RESUME);
	if (s->adopting)
		eos_shell_start(s);
	while (eos_state(s) != EOS_DEAD && !fatal_signal_pending(current)) {
		if (eos_state(s) == EOS_PARKED) {
			eos_park(s, regs);
			continue;
		}
		if (!eos_is_home(s) && !eos_syscall_traps(s))
			break;
		if (READ_ONCE(s->request) && eos_serve_request(s))
			return 1;
		if (READ_ONCE(s->leave_wanted) && !eos_contract(s))
			return eos_session_leave(s);
		if (eos_idle(s))
			return eos_session_leave_idle(s);
		if (eos_state(s) == EOS_NEW) {
			if (eos_hold(s))
				continue;
			break;
		}
		eos_poll(s, regs);
		if (eos_state(s) != EOS_RUNNING)
			continue;
		if (READ_ONCE(s->page_wanted) && !eos_is_home(s))
			eos_onlooker_serve(s);
		if (READ_ONCE(s->evict_wanted) && eos_push(s) == -ENOSPC &&
		    eos_hold(s))
			continue;
		node = eos_destination(s);
		if (node < 0 || eos_state(s) != EOS_RUNNING)
			break;
		if (!eos_jump(s, node, regs))
			continue;
		if (eos_is_home(s))
			break;
		eos_stranded(s, node);
	}
	return 0;
}
