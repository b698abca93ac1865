// SPDX-License-Identifier: GPL-2.0-only
/*
 * decide NAME=NUMBER...: prints what the manager would do in that situation,
 * and after how many milliseconds it would look again.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide.h"

static void set(struct situation *now, const char *name, uint64_t value)
{
	static const struct {
		const char *name;
		size_t offset;
	} fields[] = {
		{ "resident", offsetof(struct situation, resident) },
		{ "budget", offsetof(struct situation, budget) },
		{ "available", offsetof(struct situation, available) },
		{ "least", offsetof(struct situation, least) },
		{ "lent", offsetof(struct situation, lent) },
		{ "away", offsetof(struct situation, away) },
		{ "calm", offsetof(struct situation, calm) },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (!strcmp(name, fields[i].name))
			*(uint64_t *)((char *)now + fields[i].offset) = value;
	if (!strcmp(name, "nodes"))
		now->nodes = (uint32_t)value;
	if (!strcmp(name, "limited"))
		now->limited = value;
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "stay", "stretch", "contract" };
	struct situation now = { .available = 1 << 20, .least = 1024 };
	struct decision decision;

	for (int i = 1; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (!value)
			return 2;
		*value++ = '\0';
		set(&now, argv[i], strtoull(value, NULL, 10));
	}
	decision = decide(&now);
	printf("%s %u\n", names[decision.action], decision.look_in);
	return 0;
}
