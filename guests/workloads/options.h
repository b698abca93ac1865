/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdint.h>

/**
 * struct options - what the command line asks for
 * @bytes: footprint
 * @seed: of the data; 1 when not given
 */
struct options {
	uint64_t bytes;
	uint64_t seed;
};

/**
 * enum options_outcome - what to do after the command line was read
 * @OPTIONS_RUN: run the workload
 * @OPTIONS_HELP: nothing more, help was printed
 * @OPTIONS_WRONG: nothing more, the mistake was printed on stderr
 */
enum options_outcome {
	OPTIONS_RUN,
	OPTIONS_HELP,
	OPTIONS_WRONG,
};

enum options_outcome options_parse(struct options *options, int argc,
				   char **argv);

#endif
