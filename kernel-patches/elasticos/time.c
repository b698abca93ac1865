// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processor time travels with the execution: JUMP says what the process has
 * used since it left home, BEAT what it has used so far. Home adds that to
 * what it counts itself. So limits and timers of processor time act at home
 * when the execution is back, and while it is away at the next BEAT.
 *
 * What a parked node uses to serve is not the process's: only stays count.
 */

#include <linux/kernel.h>

#include "session.h"

/* A node's clock may run ahead, and ticks are a matter of chance. */
#define EOS_TIME_SLACK	(NSEC_PER_SEC / 10)

/* Before the execution came here, and since. */
static void eos_time_used(const struct eos_session *s, struct eos_time *time)
{
	const struct eos_clock *clock = &s->clock;

	eos_time_read(s->task, time);
	time->exec += clock->before.exec - clock->arrived.exec;
	time->user += clock->before.user - clock->arrived.user;
	time->system += clock->before.system - clock->arrived.system;
}

/**
 * eos_time_write - what the process has used since it left home
 * @s: session, running; the streams are the caller's
 * @wire: where to say it; at home it is about to leave
 */
void eos_time_write(struct eos_session *s, struct eos_wire_time *wire)
{
	struct eos_time time = { };

	eos_assert_streams(s);
	if (eos_is_home(s))
		s->clock.left = eos_now();
	else
		eos_time_used(s, &time);
	wire->exec = cpu_to_le64(time.exec);
	wire->user = cpu_to_le64(time.user);
	wire->system = cpu_to_le64(time.system);
}

static u64 eos_time_later(u64 counted, __le64 said, u64 most)
{
	return max(counted, min(le64_to_cpu(said), most));
}

/* More time than has passed was not used. What was counted stays counted. */
static void eos_time_count(struct eos_session *s,
			   const struct eos_wire_time *wire)
{
	u64 most = eos_now() - s->clock.left + EOS_TIME_SLACK;
	struct eos_time *counted = &s->clock.before;
	struct eos_time now;

	now.exec = eos_time_later(counted->exec, wire->exec, most);
	now.user = eos_time_later(counted->user, wire->user, most);
	now.system = eos_time_later(counted->system, wire->system, most);
	eos_time_add(counted, &now);
	*counted = now;
}

/**
 * eos_time_hear - note what a BEAT says, for eos_time_heard()
 * @s: session; the streams are the caller's
 * @beat: not trusted; of an earlier absence, or of a node that just serves, it
 *	means nothing
 */
void eos_time_hear(struct eos_session *s, const struct eos_wire_beat *beat)
{
	eos_assert_streams(s);
	if (!eos_is_home(s) || eos_state(s) != EOS_PARKED ||
	    le64_to_cpu(beat->away) != s->away)
		return;
	s->clock.said = beat->time;
	s->clock.news = true;
}

/**
 * eos_time_heard - count what BEATs have said, if they have
 * @s: session of current, parked, in the resume hook; no lock is held
 */
void eos_time_heard(struct eos_session *s)
{
	eos_assert_task(s);
	if (!s->clock.news)
		return;
	s->clock.news = false;
	if (eos_state(s) == EOS_PARKED)
		eos_time_count(s, &s->clock.said);
}

/**
 * eos_time_arrive - the execution has come, and its time with it
 * @s: session of current, in the resume hook; no lock is held
 * @wire: used since it left home, not trusted
 */
void eos_time_arrive(struct eos_session *s, const struct eos_wire_time *wire)
{
	struct eos_clock *clock = &s->clock;

	eos_assert_task(s);
	if (eos_is_home(s)) {
		eos_time_count(s, wire);
		memset(&clock->before, 0, sizeof(clock->before));
		return;
	}
	clock->before.exec = le64_to_cpu(wire->exec);
	clock->before.user = le64_to_cpu(wire->user);
	clock->before.system = le64_to_cpu(wire->system);
	eos_time_read(current, &clock->arrived);
}
