// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sessions.h"

#define FILE_NAME "/proc/elasticos"

static const struct {
	const char *name;
	size_t offset;
} numbers[] = {
	{ "budget_pages", offsetof(struct session, budget) },
	{ "resident_pages", offsetof(struct session, resident) },
	{ "jumps_out", offsetof(struct session, jumps_out) },
	{ "jumps_in", offsetof(struct session, jumps_in) },
	{ "pulls", offsetof(struct session, pulls) },
	{ "pulled_pages", offsetof(struct session, pulled_pages) },
	{ "pushed_pages", offsetof(struct session, pushed_pages) },
	{ "bytes_sent", offsetof(struct session, bytes_sent) },
	{ "bytes_received", offsetof(struct session, bytes_received) },
};

static void copy_word(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%.*s", (int)strcspn(from, " \n"), from);
}

static void take_link(struct session *session, const char *name,
		      const char *value)
{
	unsigned long node;

	if (!strncmp(name, "link_", 5)) {
		node = strtoul(name + 5, NULL, 10);
		if (node >= EOS_NODES)
			return;
		session->known[node] = true;
		session->linked[node] = !strncmp(value, "up", 2);
	} else if (!strncmp(name, "room_", 5)) {
		node = strtoul(name + 5, NULL, 10);
		if (node < EOS_NODES)
			session->room[node] = strtoll(value, NULL, 10);
	}
}

static void take(struct session *session, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!strcmp(name, numbers[i].name))
			*(uint64_t *)((char *)session + numbers[i].offset) =
				strtoull(value, NULL, 10);
	if (!strcmp(name, "node"))
		session->node = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(name, "threshold"))
		session->threshold = (uint32_t)strtoul(value, NULL, 10);
	else if (!strcmp(name, "cookie"))
		session->cookie = strtoull(value, NULL, 16);
	else if (!strcmp(name, "state"))
		copy_word(session->state, sizeof(session->state), value);
	else if (!strcmp(name, "policy"))
		copy_word(session->policy, sizeof(session->policy), value);
	else
		take_link(session, name, value);
}

/**
 * sessions_parse - read the text of /proc/elasticos
 * @file: blocks of lines "name value", each of which begins with a pid; unknown
 *	names are passed over
 * @sessions: filled
 * @most: how many there is room for; those that come later are left out
 *
 * Return: how many there are.
 */
int sessions_parse(FILE *file, struct session *sessions, int most)
{
	struct session *current = NULL;
	char line[512], *value;
	int count = 0;

	while (fgets(line, sizeof(line), file)) {
		value = strchr(line, ' ');
		if (!value) {
			/* an empty line ends a block */
			current = NULL;
			continue;
		}
		*value++ = '\0';
		if (!strcmp(line, "pid")) {
			if (count == most)
				break;
			current = &sessions[count++];
			memset(current, 0, sizeof(*current));
			current->pid = (pid_t)strtol(value, NULL, 10);
		} else if (current) {
			take(current, line, value);
		}
	}
	return count;
}

/**
 * sessions_read - read the sessions of this node
 * @sessions: filled
 * @most: how many there is room for
 *
 * Return: how many there are, or -errno.
 */
int sessions_read(struct session *sessions, int most)
{
	FILE *file = fopen(FILE_NAME, "re");
	int count;

	if (!file)
		return -errno;
	count = sessions_parse(file, sessions, most);
	fclose(file);
	return count;
}
