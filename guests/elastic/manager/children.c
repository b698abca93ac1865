// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel tells nobody of a fork, so the manager reads /proc at short
 * intervals as long as a process with --children lives, and for a moment after
 * that. A new process is a child when its parent is looked after with its
 * children. When its parent has ended already, it is a child if it has
 * inherited the environment variable of wish-text.h.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "children.h"
#include "deadline.h"
#include "kernel.h"
#include "machine.h"
#include "usual.h"
#include "watch.h"
#include "wish-text.h"

/* A child can fill 10 MiB in this time, see decide.c. */
#define INTERVAL_MS 20

/* How long orphans are looked for after the last process has ended. */
#define AFTERMATH_MS      1000

#define SEEN_MOST         1024
#define ENVIRONMENT_BYTES 16384

/* The pids of a look, in the order of /proc, which is ascending. */
struct seen {
	pid_t pid[SEEN_MOST];
	int count;
};

static void list_processes(struct seen *seen)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	seen->count = 0;
	while (proc && seen->count < SEEN_MOST && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			seen->pid[seen->count++] = atoi(entry->d_name);
	if (proc)
		closedir(proc);
}

static int ascending(const void *a, const void *b)
{
	const pid_t *first = a, *second = b;

	return (*first > *second) - (*first < *second);
}

static bool has(const struct seen *seen, pid_t pid)
{
	return bsearch(&pid, seen->pid, (size_t)seen->count, sizeof(pid),
		       ascending);
}

/* Another user's process is not believed. */
static bool is_ours(pid_t pid)
{
	struct stat status;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return !stat(path, &status) && status.st_uid == geteuid();
}

static size_t read_environment(pid_t pid, char text[ENVIRONMENT_BYTES])
{
	size_t length;
	char path[32];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	length = fread(text, 1, ENVIRONMENT_BYTES - 1, file);
	fclose(file);
	text[length] = '\0';
	return length;
}

static bool has_inherited(pid_t pid, struct wish *wish)
{
	static char text[ENVIRONMENT_BYTES];
	size_t name = strlen(WISH_VARIABLE "="), length;

	/* a stretched process or a shell may have its environment elsewhere */
	if (!is_ours(pid) || kernel_knows(pid))
		return false;
	length = read_environment(pid, text);
	for (char *at = text; at < text + length; at += strlen(at) + 1)
		if (!strncmp(at, WISH_VARIABLE "=", name))
			return wish_from_text(at + name, wish);
	return false;
}

/* Whether a new process is a child, and how it is to be treated. */
static bool is_child(struct manager *manager, pid_t pid, struct wish *wish)
{
	const struct process *parent;
	struct process_look look;

	if (process_look(pid, &look))
		return false;
	parent = process_by_pid(manager, look.parent);
	if (parent) {
		*wish = parent->wish;
		return wish->children;
	}
	if (!has_inherited(pid, wish))
		return false;
	wish_fill_usual(wish, pid);
	return true;
}

static void take(struct manager *manager, pid_t pid)
{
	const struct process *process;
	struct wish wish;

	if (process_by_pid(manager, pid) || !is_child(manager, pid, &wish))
		return;
	process = process_add(manager, pid, &wish);
	if (process)
		hold(manager, process);
	else
		note("child %d: the manager has too many processes", (int)pid);
}

/* Makes room: many children end between two looks at them. */
static void forget_ended(struct manager *manager, const struct seen *seen)
{
	for (int i = 0; i < PROCESSES_MOST; i++) {
		struct process *process = &manager->processes[i];

		if (process->pid && !process->busy && !has(seen, process->pid))
			process_forget(process);
	}
}

static bool are_wanted(const struct manager *manager)
{
	for (int i = 0; i < PROCESSES_MOST; i++)
		if (manager->processes[i].pid &&
		    manager->processes[i].wish.children)
			return true;
	return false;
}

/**
 * children_look - look after children that have begun since the last look
 * @manager: the manager
 *
 * Return: when the next look is due, or -1 when children are not looked for.
 */
int64_t children_look(struct manager *manager)
{
	static struct seen looks[2];
	static int64_t next = -1, until;
	static int latest;
	const struct seen *before = &looks[latest], *now;

	if (are_wanted(manager))
		until = now_ms() + AFTERMATH_MS;
	if (now_ms() >= until)
		return next = -1;
	if (next > now_ms())
		return next;
	/* the first look after a while knows of no process before it */
	if (next < 0)
		looks[latest].count = 0;
	latest = !latest;
	now = &looks[latest];
	list_processes(&looks[latest]);
	forget_ended(manager, now);
	for (int i = 0; i < now->count; i++)
		if (!has(before, now->pid[i]))
			take(manager, now->pid[i]);
	next = now_ms() + INTERVAL_MS;
	return next;
}
