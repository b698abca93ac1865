// SPDX-License-Identifier: GPL-2.0-only
/*
 * trials: runs the trial whose name it was called by.
 *
 * A guest has a link to this program for each of them.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "trials.h"

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} trials[] = {
	{ "appetite", appetite_main }, { "clocks", clocks_main },
	{ "code32", code32_main },     { "crash", crash_main },
	{ "deep", deep_main },         { "errand", errand_main },
	{ "forked", forked_main },     { "freeze", freeze_main },
	{ "fuzz", fuzz_main },         { "hasty", hasty_main },
	{ "heir", heir_main },         { "holder", holder_main },
	{ "mmfuzz", mmfuzz_main },     { "mute", mute_main },
	{ "onlooker", onlooker_main }, { "ordinary", ordinary_main },
	{ "pagemap", pagemap_main },   { "pair", pair_main },
	{ "readonly", readonly_main }, { "requests", requests_main },
	{ "reserve", reserve_main },   { "role", role_main },
	{ "scatter", scatter_main },   { "selfcheck", selfcheck_main },
	{ "straddle", straddle_main }, { "tamper", tamper_main },
	{ "threads", threads_main },   { "wide", wide_main },
};

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	size_t i;

	for (i = 0; i < sizeof(trials) / sizeof(trials[0]); i++)
		if (!strcmp(name, trials[i].name))
			return trials[i].main(argc, argv);
	fprintf(stderr, "%s is no trial; these are:", name);
	for (i = 0; i < sizeof(trials) / sizeof(trials[0]); i++)
		fprintf(stderr, " %s", trials[i].name);
	fputc('\n', stderr);
	return EX_USAGE;
}
