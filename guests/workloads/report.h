/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_H
#define REPORT_H

#include <stdint.h>

/**
 * struct report - what a run prints
 * @bytes: footprint that was asked for
 * @bytes_touched: memory that the data structures occupy
 * @seed: of the data
 * @checksum: over all data and everything found
 * @fill_ns: time that making the data took
 * @elapsed_ns: time that the measured phase took
 */
struct report {
	uint64_t bytes;
	uint64_t bytes_touched;
	uint64_t seed;
	uint64_t checksum;
	uint64_t fill_ns;
	uint64_t elapsed_ns;
};

int report_print(const struct report *report);

#endif
