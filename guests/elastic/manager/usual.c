// SPDX-License-Identifier: GPL-2.0-only
#include "usual.h"
#include "machine.h"
#include "page.h"

#define THRESHOLD 8  /* pages; the adaptive policy begins with it */
#define WINDOW    32 /* pages */

/* The part of this machine's memory that a process leaves to all others. */
#define SPARE_PART 32

/*
 * The memory that a process can have here: what is free, and what it has. Page
 * tables and the network need some more for a process that fills it. When they
 * find none, the kernel begins to swap before the budget is reached.
 */
static uint32_t budget_here(pid_t pid)
{
	struct process_look look = { 0 };
	struct memory memory = { 0 };
	uint64_t spare, left;

	memory_look(&memory);
	process_look(pid, &look);
	spare = LEAST_PAGES + memory.total / PAGE_BYTES / SPARE_PART;
	left = memory.available / PAGE_BYTES;
	left = (left > spare ? left - spare : 0) + look.pages;
	/* 0 would be no limit */
	return (uint32_t)(left > LEAST_PAGES ? left : LEAST_PAGES);
}

/**
 * wish_fill - fill in what was not asked for
 * @wish: of which some fields are given
 * @from: the others are taken from there
 */
void wish_fill(struct wish *wish, const struct wish *from)
{
	if (!(wish->given & WISH_BUDGET))
		wish->budget = from->budget;
	if (!(wish->given & WISH_MODE))
		wish->mode = from->mode;
	if (!(wish->given & WISH_THRESHOLD))
		wish->threshold = from->threshold;
	if (!(wish->given & WISH_WINDOW))
		wish->window = from->window;
	if (!(wish->given & WISH_NODES))
		wish->nodes = from->nodes;
}

/**
 * wish_fill_usual - fill in what was not asked for with what is usual
 * @wish: of which some fields are given
 * @pid: of the process that it is about
 */
void wish_fill_usual(struct wish *wish, pid_t pid)
{
	struct wish usual = {
		.budget = budget_here(pid),
		.mode = EOS_MODE_ADAPTIVE,
		.threshold = THRESHOLD,
		.window = WINDOW,
		.nodes = 2,
	};

	wish_fill(wish, &usual);
}
