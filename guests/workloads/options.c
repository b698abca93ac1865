// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "size.h"
#include "workload.h"

static void print_help(void)
{
	printf("usage: %s --bytes N[K|M|G] [--seed S]\n"
	       "\n"
	       "%s\n"
	       "\n"
	       "  --bytes N[K|M|G]  footprint: the data structures take this much memory or\n"
	       "                    a little less; from %lluK to %lluG\n"
	       "  --seed S          of the data, 64 bits, decimal or 0x...; 1 when not given\n"
	       "  --help            print this\n"
	       "\n"
	       "Prints one line of JSON. Passes in the measured phase: %u.\n"
	       "Exit status: 0, or 64 for a wrong command line, 71 when memory could not be\n"
	       "had, 74 when the line could not be written.\n"
	       "\n"
	       "Example: %s --bytes 64M --seed 7\n",
	       workload.name, workload.summary, MINIMUM_BYTES >> 10,
	       MAXIMUM_BYTES >> 30, workload.passes, workload.name);
}

/* strtoull() alone would take signs and leading blanks as well. */
static int parse_seed(const char *text, uint64_t *seed)
{
	int base = strncmp(text, "0x", 2) ? 10 : 16;
	char *end;

	errno = 0;
	*seed = strtoull(text, &end, base);
	if (isxdigit((unsigned char)*text) && end != text && !*end && !errno)
		return 0;
	fprintf(stderr,
		"%s: --seed %s: not a number of 64 bits, decimal or 0x...\n",
		workload.name, text);
	return -1;
}

static int parse_bytes(const char *text, uint64_t *bytes)
{
	if (!size_parse(text, bytes) && *bytes >= MINIMUM_BYTES &&
	    *bytes <= MAXIMUM_BYTES)
		return 0;
	fprintf(stderr,
		"%s: --bytes %s: not a number, with K, M or G, from %lluK to %lluG\n",
		workload.name, text, MINIMUM_BYTES >> 10, MAXIMUM_BYTES >> 30);
	return -1;
}

/**
 * options_parse() - reads the command line
 * @options: is filled in
 * @argc: as main() has it
 * @argv: as main() has it
 */
enum options_outcome options_parse(struct options *options, int argc,
				   char **argv)
{
	static const struct option known[] = {
		{ "bytes", required_argument, NULL, 'b' },
		{ "seed", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*options = (struct options){ .seed = 1 };
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'h') {
			print_help();
			return OPTIONS_HELP;
		}
		if (option == '?' ||
		    (option == 'b' && parse_bytes(optarg, &options->bytes)) ||
		    (option == 's' && parse_seed(optarg, &options->seed)))
			return OPTIONS_WRONG;
	}
	if (optind < argc) {
		fprintf(stderr, "%s: %s: not an option\n", workload.name,
			argv[optind]);
		return OPTIONS_WRONG;
	}
	if (!options->bytes) {
		fprintf(stderr, "%s: --bytes is missing; --help tells more\n",
			workload.name);
		return OPTIONS_WRONG;
	}
	return OPTIONS_RUN;
}
