// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policy: how many pages to ask for, and when to go there instead.
 *
 * A fault never waits for user space: the manager writes a few numbers, the
 * decision is here.
 *
 * Each node has a score of recent pulls from it. Pulls from others, and time
 * spent computing in between, lower it. Execution jumps when a score reaches
 * the threshold.
 *
 * In adaptive mode the threshold itself is learnt. The gap is the work, in
 * nanoseconds outside of pulls, that one pulled page allows. A jump carries the
 * gap of the place it leaves. Whoever leaves the destination again knows how
 * much was worked there: divided by that gap, it gives the pages that would
 * have been pulled without the jump. If those are not well above the pages
 * that were pulled in spite of it, the jump was a mistake and the threshold
 * doubles; else it halves.
 */

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "session.h"

#define EOS_THRESHOLD_LEAST	2
#define EOS_THRESHOLD_MOST	(1 << 13)	/* of the adaptive mode */
#define EOS_THRESHOLD_LIMIT	(1 << 20)
#define EOS_PULL_GUESS_NS	500000ULL
#define EOS_IDLE_PULLS		8	/* computing this long halves a score */
#define EOS_JUMP_PAGES		4	/* pulls that a jump costs, at most */

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
 * @s: session
 */
void eos_policy_reset(struct eos_session *s)
{
	memset(&s->pace, 0, sizeof(s->pace));
	s->pace.window = 1;
	s->pace.pull_ns = EOS_PULL_GUESS_NS;
	s->pace.arrived = eos_now();
}

/**
 * eos_policy_jumps - whether to go to the page instead of bringing it
 * @s: session, running
 * @node: that has the page
 */
bool eos_policy_jumps(struct eos_session *s, unsigned int node)
{
	if (s->policy.mode != EOS_MODE_ADAPTIVE &&
	    s->policy.mode != EOS_MODE_THRESHOLD)
		return false;
	return s->pace.score[node] >= s->policy.threshold;
}

/**
 * eos_policy_window - how many pages to ask for
 * @s: session, running
 * @address: touched
 *
 * A fault right behind the last answer doubles the window, any other closes
 * it; room for what is read ahead is not taken from others.
 */
unsigned int eos_policy_window(struct eos_session *s, unsigned long address)
{
	struct eos_pace *pace = &s->pace;

	if (address == pace->next)
		pace->window = min(pace->window * 2, s->policy.window);
	else
		pace->window = 1;
	return pace->window;
}

/**
 * eos_policy_pulled - a pull succeeded
 * @s: session, running
 * @node: it came from
 * @address: touched
 * @pages: that came
 * @moved: whether its content moved, as against a copy or zeroes
 * @started: when the question was asked
 */
void eos_policy_pulled(struct eos_session *s, unsigned int node,
		       unsigned long address, unsigned int pages, bool moved,
		       u64 started)
{
	struct eos_pace *pace = &s->pace;
	u64 now = eos_now();
	unsigned int other;

	pace->next = address + pages * PAGE_SIZE;
	pace->pulling += now - started;
	pace->pull_ns += (s64)(now - started - pace->pull_ns) >> 3;
	if (moved) {
		u64 worked = started - pace->last_pull;
		bool idle = worked > EOS_IDLE_PULLS * pace->pull_ns;

		pace->pages += pages;
		pace->gap += (s64)(div_u64(worked, pages) - pace->gap) >> 2;
		for (other = 0; other < EOS_NODES; other++) {
			if (idle)
				pace->score[other] >>= 1;
			if (other != node)
				pace->score[other] -= pace->score[other] >> 2;
		}
		pace->score[node]++;
	}
	pace->last_pull = now;
}

/**
 * eos_policy_leaves - execution is about to leave this node
 * @s: session
 * @forced: not by choice
 */
void eos_policy_leaves(struct eos_session *s, bool forced)
{
	struct eos_pace *pace = &s->pace;
	u64 stayed = eos_now() - pace->arrived;
	u64 worked = stayed > pace->pulling ? stayed - pace->pulling : 0;
	u64 without = div64_u64(worked, max_t(u64, pace->source_gap, 1));

	if (s->policy.mode != EOS_MODE_ADAPTIVE || forced || !pace->chosen)
		return;
	if (without < pace->pages + pace->pages / 2 + EOS_JUMP_PAGES)
		s->policy.threshold = min_t(u32, s->policy.threshold * 2,
					    EOS_THRESHOLD_MOST);
	else
		s->policy.threshold = max_t(u32, s->policy.threshold / 2,
					    EOS_THRESHOLD_LEAST);
}

/**
 * eos_policy_arrived - execution has come here
 * @s: session
 * @forced: not by choice
 * @source_gap: work per page pulled, where it came from
 */
void eos_policy_arrived(struct eos_session *s, bool forced, u64 source_gap)
{
	struct eos_pace *pace = &s->pace;

	memset(pace->score, 0, sizeof(pace->score));
	pace->window = 1;
	pace->next = 0;
	pace->arrived = eos_now();
	pace->last_pull = pace->arrived;
	pace->pulling = 0;
	pace->pages = 0;
	pace->source_gap = source_gap;
	pace->chosen = !forced;
}
