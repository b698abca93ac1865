// SPDX-License-Identifier: GPL-2.0-only
/*
 * children MS SCRIPT [ORPHAN]: looks after a shell that runs SCRIPT, and for MS
 * milliseconds after its children. ORPHAN is run by a shell whose parent has
 * ended before the first look. Prints the name of every process that it found,
 * in the order in which it found them, and each name that one has later. With
 * the variable of wish-text.h in the environment, orphans are found by it.
 */
#define _GNU_SOURCE
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "deadline.h"
#include "machine.h"

/* What was printed last of each process of the manager. */
static struct shown {
	uint64_t cookie;
	char name[sizeof(((struct process_look *)0)->name)];
} shown[PROCESSES_MOST];

static void show_new(const struct manager *manager)
{
	for (int i = 0; i < PROCESSES_MOST; i++) {
		const struct process *process = &manager->processes[i];
		struct process_look look;

		if (!process->pid || process_look(process->pid, &look) ||
		    (shown[i].cookie == process->cookie &&
		     !strcmp(shown[i].name, look.name)))
			continue;
		shown[i].cookie = process->cookie;
		strcpy(shown[i].name, look.name);
		printf("found %s, budget %u\n", look.name,
		       process->wish.budget);
	}
}

/* Returns when it is a shell already, and no copy of this program any more. */
static pid_t begin(const char *script)
{
	char *const argv[] = { "sh", "-c", (char *)script, NULL };
	pid_t child;

	if (posix_spawn(&child, "/bin/sh", NULL, NULL, argv, environ))
		exit(1);
	return child;
}

static void begin_orphan(const char *script)
{
	pid_t parent = fork();

	if (!parent) {
		begin(script);
		_exit(0);
	}
	waitpid(parent, NULL, 0);
}

int main(int argc, char **argv)
{
	static struct manager manager;
	struct wish wish = { .budget = 1234, .children = 1 };
	int64_t end;

	if (argc != 3 && argc != 4)
		return 2;
	end = now_ms() + atoi(argv[1]);
	if (argc == 4)
		begin_orphan(argv[3]);
	if (!process_add(&manager, begin(argv[2]), &wish))
		return 1;
	while (now_ms() < end) {
		children_look(&manager);
		show_new(&manager);
		usleep(5000);
	}
	return 0;
}
