/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <stdint.h>

#include "arena.h"
#include "checksum.h"
#include "prng.h"

/** MINIMUM_BYTES - the smallest footprint that every workload can have */
#define MINIMUM_BYTES (64ull << 10)
/** MAXIMUM_BYTES - the largest one: indices and distances are 32 bits wide */
#define MAXIMUM_BYTES (16ull << 30)

/**
 * struct workload - what the driver knows of one algorithm
 * @name: of the program, as in the report
 * @summary: one line for --help
 * @passes: how often the algorithm runs within the measured phase
 * @fill: takes the largest structures that fit out of the arena and fills them;
 *	may be called again with an arena as new
 * @run: the measured phase; folds what it finds and, where the algorithm only
 *	reads, all that it scans
 * @fold: after the measured phase: folds the data in their new order; NULL
 *	where @run has done so
 */
struct workload {
	const char *name;
	const char *summary;
	unsigned int passes;
	void (*fill)(struct arena *arena, struct prng *prng);
	void (*run)(struct checksum *sum);
	void (*fold)(struct checksum *sum);
};

/** workload - the one that is linked into this program */
extern const struct workload workload;

#endif
