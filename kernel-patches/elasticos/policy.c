// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy: when to go to a page instead of bringing it.
 *
 * A fault never waits for user space: the manager writes a few numbers, the
 * decision is here.
 *
 * Each node has a score of pages recently pulled from it. Pulls from others, and
 * time spent computing in between, lower it. Execution jumps when a score and
 * what the pull under way would bring reach the threshold.
 *
 * In adaptive mode the threshold itself is learnt. The toll is what a piece of
 * work costs in paging: in pulls, and in the pushes that make room for them. A
 * jump carries the toll of the place it leaves. Whoever leaves the destination
 * again knows how much was worked there: times that toll, it gives the time that
 * the jump has saved. If this is not well above what was spent on paging in
 * spite of it and on the jump, the jump was a mistake and the threshold doubles;
 * else it halves. A stay that a system call ends is judged as well, and pays for
 * the way home too: nobody has chosen that, so nobody else will.
 */

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "elasticos_trace.h"
#include "session.h"

#define EOS_THRESHOLD_LEAST	1
#define EOS_THRESHOLD_MOST	8192	/* of the adaptive mode */
#define EOS_THRESHOLD_LIMIT	1048576
#define EOS_PULL_GUESS_NS	500000ULL
#define EOS_IDLE_PULLS		8	/* computing this long halves a score */
#define EOS_STALLED_PULLS	64	/* more than one instruction needs */
#define EOS_JUMP_PULLS		2	/* the shortest of pulls that a jump costs */
#define EOS_LEAST_RISE		6	/* shift: how soon the shortest is forgotten */
#define EOS_TOLL_UNIT		1024

/**
 * eos_policy_check - whether a policy makes sense
 * @policy: from the manager or from the wire
 *
 * Return: 0 or -EINVAL.
 */
int eos_policy_check(const struct eos_policy *policy)
{
	if (policy->mode >= EOS_MODES || policy->target >= EOS_NODES ||
	    !policy->threshold || policy->threshold > EOS_THRESHOLD_LIMIT ||
	    !policy->window || policy->window > EOS_WINDOW_MAX)
		return -EINVAL;
	return 0;
}

/**
 * eos_policy_reset - forget what was learnt
 * @s: session; the streams are the caller's
 */
void eos_policy_reset(struct eos_session *s)
{
	eos_assert_streams(s);
	memset(&s->pace, 0, sizeof(s->pace));
	s->pace.pull_ns = EOS_PULL_GUESS_NS;
	s->pace.least_ns = EOS_PULL_GUESS_NS;
	s->pace.work_ns = EOS_PULL_GUESS_NS;
	s->pace.arrived = eos_now();
	s->pace.last_pull = s->pace.arrived;
}

/*
 * Where the last stay elsewhere did nothing, another one may do as little: the
 * instruction needs pages of several nodes, or a timer calls the execution home
 * sooner than it gets there. The pages come here instead.
 */
static bool eos_policy_stalls(struct eos_session *s)
{
	return eos_jump_stalled(s) && s->pace.waived++ < EOS_STALLED_PULLS;
}

/**
 * eos_policy_jumps - whether to go to the page instead of bringing it
 * @s: session, running; the mutex is held
 * @node: that has the page
 * @address: touched
 */
bool eos_policy_jumps(struct eos_session *s, unsigned int node,
		      unsigned long address)
{
	u32 score = s->pace.score[node];
	unsigned int expected = 0;
	bool jumps;

	eos_assert_streams(s);
	/*
	 * A pull first: without any the toll would never be measured again, and
	 * what can be done at home only, reading a clock, might never get done.
	 * One by the program: what the kernel pulls when execution arrives, for
	 * a restartable sequence, lets the program do nothing.
	 */
	if (!score || !s->pace.pulled || s->policy.mode == EOS_MODE_STICKY ||
	    eos_policy_stalls(s)) {
		jumps = false;
	} else if (s->policy.mode == EOS_MODE_MIGRATE) {
		jumps = eos_is_home(s);
	} else {
		expected = eos_readahead_expected(s, address);
		jumps = score + expected >= s->policy.threshold;
	}
	s->pace.pulled |= !jumps;
	trace_eos_decide(s, node, address, expected, jumps);
	return jumps;
}

/**
 * eos_policy_pulled - a pull has moved pages here
 * @s: session, running; the mutex is held
 * @node: they came from
 * @pages: how many
 * @started: when the question was asked
 */
void eos_policy_pulled(struct eos_session *s, unsigned int node,
		       unsigned int pages, u64 started)
{
	struct eos_pace *pace = &s->pace;
	u64 now = eos_now(), cost = now - started + pace->pushed;
	u64 worked = started - pace->last_pull - pace->pushed;
	bool idle = worked > EOS_IDLE_PULLS * pace->pull_ns;
	unsigned int other;

	eos_assert_streams(s);
	pace->paging += cost;
	pace->pushed = 0;
	pace->pull_ns += (s64)(cost - pace->pull_ns) >> 3;
	pace->least_ns += pace->least_ns >> EOS_LEAST_RISE;
	pace->least_ns = min(pace->least_ns, now - started);
	pace->work_ns += (s64)(worked - pace->work_ns) >> 3;
	for (other = 0; other < EOS_NODES; other++) {
		if (idle)
			pace->score[other] >>= 1;
		if (other != node)
			pace->score[other] -= pace->score[other] >> 2;
	}
	pace->score[node] += pages;
	pace->last_pull = now;
}

/**
 * eos_policy_pushed - room has been made for what is pulled
 * @s: session, running; the mutex is held
 * @started: when that began
 */
void eos_policy_pushed(struct eos_session *s, u64 started)
{
	eos_assert_streams(s);
	/* an arrival in between has begun a new account */
	if (started >= s->pace.last_pull)
		s->pace.pushed += eos_now() - started;
}

/**
 * eos_policy_toll - what work costs here
 * @s: session; the streams are the caller's
 *
 * Return: nanoseconds of paging for each EOS_TOLL_UNIT of work.
 */
u64 eos_policy_toll(const struct eos_session *s)
{
	return div64_u64(s->pace.pull_ns * EOS_TOLL_UNIT,
			 max_t(u64, s->pace.work_ns, 1));
}

/**
 * eos_policy_leaves - execution is about to leave this node
 * @s: session of current, running; the mutex is held
 * @forced: not by choice
 */
void eos_policy_leaves(struct eos_session *s, bool forced)
{
	struct eos_pace *pace = &s->pace;
	/* sending the pages that go along, since then, is no work */
	u64 stayed = s->decided - pace->arrived;
	u64 paging = pace->paging + pace->pushed;
	u64 worked = stayed > paging ? stayed - paging : 0;
	unsigned int jumps = forced ? 2 : 1;
	u64 spent = paging + jumps * EOS_JUMP_PULLS * pace->least_ns;
	u64 saved = div_u64(worked, EOS_TOLL_UNIT) * pace->source_toll;
	u32 before = s->policy.threshold, threshold;

	eos_assert_task(s);
	lockdep_assert_held(&s->mutex);
	if (s->policy.mode != EOS_MODE_ADAPTIVE || !pace->chosen)
		return;
	if (saved < spent + spent / 2)
		threshold = min_t(u32, before * 2, EOS_THRESHOLD_MOST);
	else
		threshold = max_t(u32, before / 2, EOS_THRESHOLD_LEAST);
	WRITE_ONCE(s->policy.threshold, threshold);
	trace_eos_learn(s, worked, paging, spent, saved, before);
}

/**
 * eos_policy_arrived - execution has come here
 * @s: session of current, parked
 * @forced: not by choice
 * @source_toll: what work cost where it came from
 */
void eos_policy_arrived(struct eos_session *s, bool forced, u64 source_toll)
{
	struct eos_pace *pace = &s->pace;

	eos_assert_streams(s);
	memset(pace->score, 0, sizeof(pace->score));
	pace->arrived = eos_now();
	pace->last_pull = pace->arrived;
	pace->paging = 0;
	pace->pushed = 0;
	/* from the wire: what no machine measures must not overflow either */
	pace->source_toll = min_t(u64, source_toll, EOS_TOLL_UNIT << 20);
	pace->chosen = !forced;
	pace->pulled = false;
	pace->waived = 0;
}
