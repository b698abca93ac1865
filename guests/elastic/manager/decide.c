// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process is stretched before it has used its budget up, or the kernel would
 * have it wait there until the connection is made. It pushes at the budget, and
 * not before, so being early costs a connection and being late costs time.
 */
#include "decide.h"

/* Pages that a process can fill in a millisecond: 512 MiB/s, seen under KVM. */
#define FILL_PAGES_PER_MS 131
/* From the look that finds it at the mark to the end of being stretched. */
#define REACTION_MS 60

/* One node more when the others are that full. */
#define FULL_PERCENT 80
/* How long all of a process must have fitted at home before it is contracted. */
#define CALM_MS         3000

#define LOOK_SOONEST_MS 5
#define LOOK_LATEST_MS  200

static uint64_t percent(uint64_t of, unsigned int part)
{
	return of / 100 * part + of % 100 * part / 100;
}

/*
 * Pages at which a process is stretched: as many below its budget as it can
 * fill meanwhile, but not before half of it, nor when it is all but too late.
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
 * @now: how things are
 *
 * Well below the mark, or it would go to and fro.
 */
bool fits_at_home(const struct situation *now)
{
	uint64_t all = now->resident + now->away;

	if (now->budget && all > percent(stretch_mark(now->budget), 75))
		return false;
	return now->available > now->away + now->least;
}

/* Soon enough to see it at the mark, however fast it begins to grow. */
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
 * @now: how things are
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
