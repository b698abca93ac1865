// SPDX-License-Identifier: GPL-2.0-only
/*
 * main() of every workload: fill, run, fold, report.
 */
#include <stdint.h>
#include <stdio.h>
#include <sysexits.h>
#include <time.h>

#include "options.h"
#include "report.h"
#include "workload.h"

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void measure(struct arena *arena, struct report *report)
{
	uint64_t start, filled, done;
	struct checksum sum;
	struct prng prng;

	prng_seed(&prng, report->seed);
	checksum_start(&sum);

	start = now_ns();
	workload.fill(arena, &prng);
	filled = now_ns();
	workload.run(&sum);
	done = now_ns();
	if (workload.fold)
		workload.fold(&sum);

	report->bytes_touched = arena->taken;
	report->checksum = checksum_value(&sum);
	report->fill_ns = filled - start;
	report->elapsed_ns = done - filled;
}

int main(int argc, char **argv)
{
	struct options options;
	struct report report;
	struct arena arena;

	switch (options_parse(&options, argc, argv)) {
	case OPTIONS_HELP:
		return EX_OK;
	case OPTIONS_WRONG:
		return EX_USAGE;
	case OPTIONS_RUN:
		break;
	}
	if (arena_map(&arena, options.bytes)) {
		perror("out of memory");
		return EX_OSERR;
	}
	report =
		(struct report){ .bytes = options.bytes, .seed = options.seed };
	measure(&arena, &report);
	if (report_print(&report)) {
		perror("standard output");
		return EX_IOERR;
	}
	return EX_OK;
}
