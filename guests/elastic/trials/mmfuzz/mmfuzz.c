// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmfuzz: random memory operations of a process that knows what each byte of
 * its memory must hold.
 *
 *	mmfuzz SEED STEPS [OPERATIONS [MEGABYTES]]
 *
 * STEPS are numbers of steps, as 0-999 or 0,7,20-24. What a step does is told
 * by SEED and its number alone, so that a sequence can be shortened: the
 * others do the same without it. Each step reads and writes pages here and
 * there, or does one of OPERATIONS:
 *
 *	a  mmap of anonymous memory	u  munmap
 *	f  mmap of a file		o  mmap of another file over one
 *	p  mprotect			d  MADV_DONTNEED
 *	v  madvise, of other kinds	F  MADV_FREE
 *	m  mremap to another place	r  mremap to another size
 *	w  write to a file		c  read and write by system calls
 *	M  /proc/self/mem		x  touch without the right
 *	s  signals			k  fork, and exit
 *
 * The model of what is where is in shared memory, which is never moved. Ends
 * with status 1 at the first byte that differs, 3 when a call failed that must
 * not. At the end it prints how much it did, and its counters of
 * /proc/elasticos on standard error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../counters.h"
#include "../trials.h"
#include "calls.h"
#include "changes.h"
#include "dice.h"
#include "model.h"
#include "visits.h"

#define MEGABYTES_USUAL 8

static void fork_child(void);

/**
 * struct operation - what a step may do
 * @letter: its name
 * @is_alone: not done while there is a child
 * @do_it: does it
 */
struct operation {
	char letter;
	bool is_alone;
	void (*do_it)(void);
};

static const struct operation operations[] = {
	{ 'a', false, map_anonymous },  { 'u', false, unmap },
	{ 'f', false, map_file },       { 'o', false, map_over },
	{ 'p', false, protect },        { 'd', false, forget },
	{ 'v', false, advise },         { 'F', false, free_lazily },
	{ 'm', false, move },           { 'r', false, resize },
	{ 'w', true, write_file },      { 'c', false, pass_through_pipe },
	{ 'M', false, reach_by_force }, { 'x', false, touch_without_right },
	{ 's', true, be_interrupted },  { 'k', true, fork_child },
};

#define OPERATIONS (sizeof(operations) / sizeof(*operations))

static const char *wanted = "aufopdvFmrwcMxsk";

static const struct operation *operation_of(char letter)
{
	for (size_t i = 0; i < OPERATIONS; i++)
		if (operations[i].letter == letter)
			return &operations[i];
	return NULL;
}

static void do_something(void)
{
	const struct operation *operation =
		operation_of(wanted[draw(strlen(wanted))]);

	if (draw(3) || (model->shared_is_read_only && operation->is_alone)) {
		visit();
		return;
	}
	operation->do_it();
	model->calls++;
}

static void fork_child(void)
{
	have_child(do_something);
}

static void do_step(uint64_t seed, uint64_t step)
{
	model->step = step;
	model->writes = 0;
	dice_begin(seed, step);
	do_something();
}

/* Does the steps of a list. Returns how many, or -1 if it is none. */
static long do_steps(uint64_t seed, const char *list)
{
	long count = 0;

	for (const char *at = list; *at;) {
		char *end;
		unsigned long first = strtoul(at, &end, 10), last = first;

		if (end == at)
			return -1;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if ((*end && *end != ',') || last < first)
			return -1;
		for (unsigned long step = first; step <= last; step++, count++)
			do_step(seed, step);
		at = *end ? end + 1 : end;
	}
	return count;
}

static int usage(void)
{
	fputs("usage: mmfuzz SEED STEPS [OPERATIONS [MEGABYTES]]\n", stderr);
	return 2;
}

int mmfuzz_main(int argc, char **argv)
{
	unsigned long megabytes = argc > 4 ? strtoul(argv[4], NULL, 10) :
					     MEGABYTES_USUAL;
	uint64_t seed;
	long steps;

	if (argc < 3 || !megabytes || megabytes << 8 > PAGES_MOST)
		return usage();
	if (argc > 3 && *argv[3])
		wanted = argv[3];
	for (const char *letter = wanted; *letter; letter++)
		if (!operation_of(*letter))
			return usage();
	setvbuf(stdout, NULL, _IOLBF, 0);
	seed = strtoull(argv[1], NULL, 0);
	model_begin(megabytes << 8);
	changes_begin();
	calls_begin();
	steps = do_steps(seed, argv[2]);
	if (steps < 0)
		return usage();
	visit_all();
	visit_hidden();
	printf("mmfuzz: right, %ld steps, %llu visits, %llu changes\n", steps,
	       (unsigned long long)model->visits,
	       (unsigned long long)model->calls);
	show_own_counters();
	return 0;
}
