// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process is stretched before it has used its budget up: what it fills while
 * the connection is made comes on top. The kernel pushes at the budget, and
 * not before, so being early costs a connection and being late costs memory.
 */
#include "decide.h"

/* Stretched at this part of the budget. */
#define STRETCH_PERCENT	60
/* One node more when the others are that full. */
#define FULL_PERCENT	80
/*
 * Contracted when all of it has fitted into this part for a while; well below
 * STRETCH_PERCENT, or it would go to and fro.
 */
#define FITS_PERCENT	40
#define CALM_MS		3000

#define LOOK_SOONEST_MS	5
#define LOOK_LATEST_MS	200

static uint64_t percent(uint64_t of, unsigned int part)
{
	return of / 100 * part + of % 100 * part / 100;
}

static bool needs_room(const struct situation *now)
{
	if (now->nodes > 0)
		return now->limited && now->away >= percent(now->lent, FULL_PERCENT);
	if (now->budget && now->resident >= percent(now->budget, STRETCH_PERCENT))
		return true;
	return now->available < now->least;
}

/**
 * fits_at_home - whether all of a stretched process has room in its budget
 * @now: how things are
 */
bool fits_at_home(const struct situation *now)
{
	uint64_t all = now->resident + now->away;

	if (now->budget && all > percent(now->budget, FITS_PERCENT))
		return false;
	return now->available > now->away + now->least;
}

/* Soon enough to see it at the mark, by how fast it has been growing. */
static uint32_t next_look(const struct situation *now)
{
	uint64_t mark = percent(now->budget, STRETCH_PERCENT);
	uint64_t grown = now->resident > now->before ? now->resident - now->before : 0;
	uint64_t wait = LOOK_LATEST_MS;

	if (!now->elapsed)
		return LOOK_SOONEST_MS;
	if (grown && now->budget && mark > now->resident)
		wait = (mark - now->resident) * now->elapsed / grown / 2;
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
	struct decision decision = { .action = ACTION_STAY, .look_in = LOOK_LATEST_MS };

	if (needs_room(now))
		decision.action = ACTION_STRETCH;
	else if (now->nodes > 0 && now->calm >= CALM_MS && fits_at_home(now))
		decision.action = ACTION_CONTRACT;
	else if (now->nodes == 0)
		decision.look_in = next_look(now);
	return decision;
}
