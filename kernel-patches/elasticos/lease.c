// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lease: how long a task may be silent before it is lost.
 *
 * TCP proves that the other machine is alive, not that the task there is: a
 * kernel acknowledges for a task that will never run again. So a task proves
 * itself, by a BEAT each quarter of the lease, to whoever waits for it:
 *
 *	the one that runs the process, elsewhere than at home, to home
 *	one at work on an answer, to the node that asked
 *
 * To nobody else. While the process runs at home nobody waits for it. It may
 * sleep in a system call there for ever, or be stopped by its user or a
 * debugger: neither is a loss.
 *
 * Who waits counts quarters of the lease in which nothing came. It does not
 * compare clocks: one that was not running itself for a while, on a machine
 * that was paused or is too busy, first looks at what has come. A machine from
 * which nothing has come for a lease is lost earlier than that, when somebody
 * waits for it or runs the process.
 *
 * Elsewhere than at home a task that loses another node tells home, which
 * decides. If home has lost that node too, the node is dead, and the process
 * goes on without it. Otherwise only their connection is lost, and pages may
 * have been under way on it: the process ends by SIGBUS. A loss is noticed
 * within a lease, or a beat more, and home takes a beat and a half to decide:
 * the end comes within one and a half leases.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/tcp.h>
#include <net/tcp.h>

#include "session.h"

#define EOS_BEATS	4	/* in a lease */
/* Half a beat apart. A node that lives has answered a probe by the last one. */
#define EOS_LOOKS	2	/* after the first */
#define EOS_LEASE_LEAST	1000	/* ms */
#define EOS_LEASE_MOST	600000

/**
 * eos_lease_valid - whether a lease makes sense
 * @lease_ms: from the manager or from the wire
 */
bool eos_lease_valid(u32 lease_ms)
{
	return lease_ms >= EOS_LEASE_LEAST && lease_ms <= EOS_LEASE_MOST;
}

/**
 * eos_lease_set - say how long a silence is a loss
 * @s: session; nobody waits yet
 * @lease_ms: valid
 */
void eos_lease_set(struct eos_session *s, u32 lease_ms)
{
	s->lease_ms = lease_ms;
	s->beat = DIV_ROUND_UP(msecs_to_jiffies(lease_ms), EOS_BEATS);
}

/*
 * A shell's clock. It proves nothing itself: the task has to pass its hook. As
 * it goes on while the task is parked, a jump has no timer to set.
 */
static void eos_pulse(struct work_struct *work)
{
	struct eos_session *s = container_of(work, struct eos_session,
					     watch.work);

	if (eos_state(s) == EOS_RUNNING) {
		WRITE_ONCE(s->beat_due, true);
		eos_kick(s->task);
	}
	schedule_delayed_work(&s->watch, s->beat);
}

/* What home knows of a node that another has lost. */
enum eos_verdict {
	EOS_GONE,	/* home has lost it too */
	EOS_SILENT,	/* home is about to: nothing has come for a lease */
	EOS_DOUBTFUL,	/* nothing of it has come since the report */
	EOS_ALIVE,
};

/* Jiffies since something came from the machine at the other end. */
static u32 eos_machine_quiet(const struct eos_link *link)
{
	return keepalive_time_elapsed(tcp_sk(link->sock->sk));
}

/**
 * eos_machine_silent - whether the machine at the other end is dead, or cut off
 * @link: the connection; the streams are the caller's, who looks each beat
 *
 * It has been probed each beat, or something is under way to it, and in a lease
 * nothing has come back. TCP finds that too, but counts from the first thing
 * that got no answer; on 2.6.38 it also doubles the time from look to look.
 *
 * Return: true from the second look on: what has come while this machine was
 * paused itself may not have been looked at yet at the first one.
 */
bool eos_machine_silent(struct eos_link *link)
{
	bool before = link->silent;

	eos_assert_streams(link->session);
	link->silent = eos_machine_quiet(link) >= EOS_BEATS * link->session->beat;
	return before && link->silent;
}

/* A connection at rest is probed each beat. */
static enum eos_verdict eos_judge_node(struct eos_session *s, unsigned int node)
	__must_hold(&s->mutex)
{
	struct eos_link *link = s->links[node];
	u32 quiet, reported = jiffies - READ_ONCE(s->reported);

	lockdep_assert_held(&s->mutex);
	if (!link || !READ_ONCE(link->up))
		return EOS_GONE;
	quiet = eos_machine_quiet(link);
	if (quiet >= EOS_BEATS * s->beat)
		return EOS_SILENT;
	return quiet < reported ? EOS_ALIVE : EOS_DOUBTFUL;
}

/* Returns whether to look again later. */
static bool eos_judge_pair(struct eos_session *s, unsigned int a,
			   unsigned int b)
	__must_hold(&s->mutex)
{
	enum eos_verdict verdict = min(eos_judge_node(s, a),
				       eos_judge_node(s, b));

	if (verdict == EOS_SILENT ||
	    (verdict == EOS_DOUBTFUL && s->doubts < EOS_LOOKS))
		return true;
	clear_bit(b, &s->apart[a]);
	if (verdict != EOS_GONE)
		eos_accuse(s, "nodes %u and %u are alive and have lost each other",
			   a, b);
	return false;
}

/* Home decides about what others have reported. */
static void eos_judge(struct work_struct *work)
{
	struct eos_session *s = container_of(work, struct eos_session,
					     watch.work);
	unsigned int a, b;
	bool later = false;

	mutex_lock(&s->mutex);
	for (a = 0; a < EOS_NODES; a++)
		for (b = 0; b < EOS_NODES; b++)
			if (test_bit(b, &s->apart[a]))
				later |= eos_judge_pair(s, a, b);
	s->doubts = later ? s->doubts + 1 : 0;
	mutex_unlock(&s->mutex);
	if (later)
		schedule_delayed_work(&s->watch, s->beat / 2);
}

/**
 * eos_lease_init - prepare what watches a session
 * @s: session, new
 */
void eos_lease_init(struct eos_session *s)
{
	if (eos_is_home(s))
		INIT_DELAYED_WORK(&s->watch, eos_judge);
	else
		INIT_DELAYED_WORK(&s->watch, eos_pulse);
}

/**
 * eos_lease_begin - a shell has met its home
 * @s: its session
 */
void eos_lease_begin(struct eos_session *s)
{
	eos_assert_task(s);
	schedule_delayed_work(&s->watch, s->beat);
}

/**
 * eos_lease_end - nothing watches a session any more
 * @s: session that no hook can reach; no lock is held
 */
void eos_lease_end(struct eos_session *s)
{
	cancel_delayed_work_sync(&s->watch);
}

static void eos_beat(struct eos_session *s, struct eos_link *link)
{
	struct eos_wire_beat beat = { };
	struct kvec body[2] = { { }, { &beat, sizeof(beat) } };

	s->beaten = jiffies;
	if (eos_state(s) == EOS_RUNNING) {
		beat.away = cpu_to_le64(s->away);
		eos_time_write(s, &beat.time);
	}
	if (link->up)
		eos_send(link, EOS_BEAT, body, 2, sizeof(beat));
}

/**
 * eos_beat_heard - take a BEAT
 * @s: session; the streams are the caller's
 * @link: from whom; the header has been read
 *
 * Return: 0 or -errno.
 */
int eos_beat_heard(struct eos_session *s, struct eos_link *link)
{
	struct eos_wire_beat beat;
	int ret = eos_receive(link, &beat, sizeof(beat));

	if (!ret)
		eos_time_hear(s, &beat);
	return ret;
}

static void eos_machines_watch(struct eos_session *s)
	__must_hold(&s->mutex)
{
	unsigned int node;

	for (node = 0; node < EOS_NODES; node++)
		if (s->links[node] && s->links[node]->up &&
		    eos_machine_silent(s->links[node]))
			eos_link_lost(s->links[node], -ETIMEDOUT);
}

/**
 * eos_beat_running - prove to home that the task which runs the process does
 * @s: session of current, running; the mutex is held
 *
 * And see whether the others' machines live.
 */
void eos_beat_running(struct eos_session *s)
	__must_hold(&s->mutex)
{
	lockdep_assert_held(&s->mutex);
	if (!READ_ONCE(s->beat_due) || eos_state(s) != EOS_RUNNING)
		return;
	WRITE_ONCE(s->beat_due, false);
	eos_machines_watch(s);
	eos_beat(s, s->links[EOS_HOME]);
}

/**
 * eos_beat_serving - prove to the node that asked that its answer will come
 * @s: session; does nothing unless it is parked and at work on an answer
 */
void eos_beat_serving(struct eos_session *s)
{
	if (s->serving && time_after_eq(jiffies, s->beaten + s->beat))
		eos_beat(s, s->serving);
}

/**
 * eos_beat_waiting - prove to home that the task waits for another node
 * @s: session; does nothing unless it runs, and not at home
 * @link: for whom; part of a message may have gone out there
 * @sending: it has
 */
void eos_beat_waiting(struct eos_session *s, const struct eos_link *link,
		      bool sending)
{
	if (eos_is_home(s) || eos_state(s) != EOS_RUNNING ||
	    (sending && link->node == EOS_HOME) ||
	    time_before(jiffies, s->beaten + s->beat))
		return;
	eos_beat(s, s->links[EOS_HOME]);
}

/**
 * eos_silent - a wait has ended in which nothing came
 * @s: session; the streams are the caller's
 * @since: jiffies when it began
 * @quiet: all such waits together, in jiffies; changed
 *
 * Return: whether that is a whole lease.
 */
bool eos_silent(const struct eos_session *s, unsigned long since,
		unsigned long *quiet)
{
	*quiet += min(jiffies - since, s->beat);
	return *quiet >= EOS_BEATS * s->beat;
}

/**
 * eos_apart - whether home has yet to decide about a loss between two others
 * @s: session
 */
bool eos_apart(const struct eos_session *s)
{
	unsigned int node;

	for (node = 0; node < EOS_NODES; node++)
		if (READ_ONCE(s->apart[node]))
			return true;
	return false;
}

/**
 * eos_losses_tell - report to home which nodes were lost here
 * @s: session of current, a shell; the streams are the caller's
 *
 * Home may have said something that explains the loss: this is called when
 * nothing of it is left to be read.
 */
void eos_losses_tell(struct eos_session *s)
{
	eos_assert_streams(s);
	while (s->losses && eos_state(s) != EOS_DEAD) {
		unsigned int node = __ffs(s->losses);
		struct eos_wire_lost lost = {
			.node = cpu_to_le32(node),
			.error = cpu_to_le32(-s->links[node]->error),
		};
		struct kvec body[2] = { { }, { &lost, sizeof(lost) } };

		s->losses &= ~(1UL << node);
		eos_send(s->links[EOS_HOME], EOS_LOST, body, 2, sizeof(lost));
	}
}

/**
 * eos_losses_hear - another node reports a loss
 * @s: session; the streams are the caller's
 * @link: from whom; the header has been read
 *
 * Return: 0 or -errno.
 */
int eos_losses_hear(struct eos_session *s, struct eos_link *link)
{
	struct eos_wire_lost lost;
	u32 node;
	int ret;

	eos_assert_streams(s);
	ret = eos_receive(link, &lost, sizeof(lost));
	if (ret)
		return ret;
	node = le32_to_cpu(lost.node);
	if (node == EOS_HOME || node >= EOS_NODES || node == link->node) {
		eos_link_lost(link, -EPROTO);
		return -EPROTO;
	}
	pr_warn("process %d: node %u has lost node %u (%d)\n",
		task_pid_nr(s->task), link->node, node,
		-(int)le32_to_cpu(lost.error));
	WRITE_ONCE(s->reported, jiffies);
	set_bit(node, &s->apart[link->node]);
	/* home may be about to lose it too */
	schedule_delayed_work(&s->watch, s->beat / 2);
	return 0;
}
