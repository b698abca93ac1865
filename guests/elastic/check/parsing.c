// SPDX-License-Identifier: GPL-2.0-only
/*
 * parsing WHAT [ARGUMENT]: reads standard input as the manager reads a file of
 * that kind, and shows the result. WHAT is hosts, sessions,
 * meminfo MIN_FREE_KB [cache], stat, size TEXT, key FILE or wish TEXT.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosts.h"
#include "key.h"
#include "machine.h"
#include "sessions.h"
#include "size.h"
#include "wish-text.h"

static int show_hosts(void)
{
	struct host hosts[HOSTS_MOST];
	int count = hosts_parse(stdin, hosts);

	for (int i = 0; i < count; i++)
		printf("%s %08x\n", hosts[i].name, hosts[i].address);
	return count < 0;
}

static int show_sessions(void)
{
	struct session sessions[4];
	int count = sessions_parse(stdin, sessions, 4);

	for (int i = 0; i < count; i++) {
		const struct session *s = &sessions[i];

		printf("%d node %u cookie %llx %s %s budget %llu resident %llu jumps %llu links",
		       (int)s->pid, s->node, (unsigned long long)s->cookie,
		       s->state, s->policy, (unsigned long long)s->budget,
		       (unsigned long long)s->resident,
		       (unsigned long long)s->jumps_out);
		for (int node = 0; node < EOS_NODES; node++)
			if (s->linked[node])
				printf(" %d:%lld", node,
				       (long long)s->room[node]);
		putchar('\n');
	}
	return 0;
}

static int show_meminfo(const char *min_free_kb, bool cache)
{
	struct memory memory;

	if (memory_parse(stdin, strtoull(min_free_kb, NULL, 10), cache,
			 &memory))
		return 1;
	printf("%llu %llu %llu\n", (unsigned long long)memory.total,
	       (unsigned long long)memory.available,
	       (unsigned long long)memory.swap);
	return 0;
}

static int show_stat(void)
{
	struct process_look look;
	char line[1024];

	if (!fgets(line, sizeof(line), stdin) ||
	    process_parse_stat(line, &look))
		return 1;
	printf("%s %llu\n", look.name, (unsigned long long)look.start);
	return 0;
}

static int show_size(const char *text)
{
	uint64_t bytes;

	if (size_parse(text, &bytes))
		return 1;
	printf("%llu\n", (unsigned long long)bytes);
	return 0;
}

static int show_key(const char *path)
{
	struct key key;
	int ret = key_read(path, &key);

	if (ret) {
		printf("%s\n", strerror(-ret));
		return 1;
	}
	for (int i = 0; i < KEY_BYTES; i++)
		printf("%02x", key.bytes[i]);
	putchar('\n');
	return 0;
}

static int show_wish(const char *text)
{
	char again[WISH_TEXT_BYTES];
	struct wish wish;

	if (!wish_from_text(text, &wish))
		return 1;
	wish_to_text(&wish, again);
	puts(again);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const char *argument = argc > 2 ? argv[2] : "";

	if (!strcmp(what, "hosts"))
		return show_hosts();
	if (!strcmp(what, "sessions"))
		return show_sessions();
	if (!strcmp(what, "meminfo"))
		return show_meminfo(argument,
				    argc > 3 && !strcmp(argv[3], "cache"));
	if (!strcmp(what, "stat"))
		return show_stat();
	if (!strcmp(what, "size"))
		return show_size(argument);
	if (!strcmp(what, "key"))
		return show_key(argument);
	if (!strcmp(what, "wish"))
		return show_wish(argument);
	return 2;
}
