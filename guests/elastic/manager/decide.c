// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process is stretched before it has used up its budget. At its budget, the
 * kernel would make it wait until the connection is there. Stretching too early
 * costs a connection and nothing more, since pages are pushed at the budget and
 * not before. Stretching too late costs time.
 */
#include "decide.h"

/* Pages that a process can fill in a millisecond: 512 MiB/s, seen under KVM. */
#define FILL_PAGES_PER_MS 131
/* From the look that finds a process at its mark until it is stretched. */
#define REACTION_MS 60

/* Another node is added when this part of what was lent is used. */
#define FULL_PERCENT 80
/* A process is contracted after all of it would have fitted home this long. */
#define CALM_MS         3000

#define LOOK_SOONEST_MS 5
#define LOOK_LATEST_MS  200

static uint64_t percent(uint64_t of, unsigned int part)
{
	return of / 100 * part + of % 100 * part / 100;
}

/*
 * The number of resident pages at which a process is stretched: below its
 * budget by what it can fill meanwhile, and between 50 and 90 percent of it.
 */
static uint64_t stretch_mark(uint64_t budget)
{
	uint64_t reaction = REACTION_MS * FILL_PAGES_PER_MS;
	uint64_t earliest = budget / 2, latest = percent(budget, 90);

	if (budget < earliest + reaction)
		return earliest;
	return budget - reaction < latest ? budget - reaction : latest;
}

static bool needs_room(const struct situation *now)
{
	if (now->nodes > 0)
		return now->limited &&
		       now->away >= percent(now->lent, FULL_PERCENT);
	if (now->budget && now->resident >= stretch_mark(now->budget))
		return true;
	return now->available < now->least;
}

/**
 * fits_at_home - whether all of a stretched process has room in its budget
 * @now: the situation
 *
 * It has to fit with a margin. Otherwise the process would be stretched again
 * soon after it was contracted.
 */
bool fits_at_home(const struct situation *now)
{
	uint64_t all = now->resident + now->away;

	if (now->budget && all > percent(stretch_mark(now->budget), 75))
		return false;
	return now->available > now->away + now->least;
}

/*
 * The next look comes before the process can have grown past its mark, however
 * fast it grows.
 */
static uint32_t next_look(const struct situation *now)
{
	uint64_t mark = stretch_mark(now->budget), wait = LOOK_LATEST_MS;

	if (now->budget)
		wait = mark > now->resident ?
			       (mark - now->resident) / FILL_PAGES_PER_MS :
			       0;
	if (wait < LOOK_SOONEST_MS)
		return LOOK_SOONEST_MS;
	return wait > LOOK_LATEST_MS ? LOOK_LATEST_MS : (uint32_t)wait;
}

/**
 * decide - what to do with a process
 * @now: the situation
 *
 * Return: an action, and when to look again.
 */
struct decision decide(const struct situation *now)
{
	struct decision decision = { .action = ACTION_STAY,
				     .look_in = LOOK_LATEST_MS };

	if (needs_room(now))
		decision.action = ACTION_STRETCH;
	else if (now->nodes > 0 && now->calm >= CALM_MS && fits_at_home(now))
		decision.action = ACTION_CONTRACT;
	else if (now->nodes == 0)
		decision.look_in = next_look(now);
	return decision;
}
