// SPDX-License-Identifier: GPL-2.0-only
/*
 * freeze: takes the processor away from all other tasks of a guest in virtual
 * time, from one instant to another, while its kernel lives and acknowledges.
 *
 *	freeze FROM TO [FROM TO]...
 *
 * Nanoseconds since the guest's start, which is what the time-stamp counter
 * counts there. It goes to the background at once.
 *
 * The guest has one processor. A task of the highest real-time priority that
 * never sleeps leaves none of it to others, and interrupts, with all that the
 * network does in them, come through. Two kinds of the kernel's own tasks stand
 * above it: where soft interrupts are left to a task no other may take them,
 * and RCU reports a task of its own that does not run.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "trials.h"

#define SECOND 1000000000ull
/* A sleep may end two ticks late. */
#define LATE 8000000ull

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd))
		die(path);
}

static void set_priority(pid_t pid, int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	if (sched_setscheduler(pid, SCHED_FIFO, &param))
		die("sched_setscheduler");
}

static void raise_if_needed(const char *pid, int priority)
{
	char path[300], name[32] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	if (read(fd, name, sizeof(name) - 1) > 0 &&
	    (!strncmp(name, "ksoftirqd/", 10) || !strncmp(name, "rcu_", 4)))
		set_priority(atoi(pid), priority);
	close(fd);
}

static void raise_kernel(int priority)
{
	DIR *all = opendir("/proc");
	struct dirent *one;

	if (!all)
		die("/proc");
	while ((one = readdir(all)))
		if (one->d_name[0] >= '1' && one->d_name[0] <= '9')
			raise_if_needed(one->d_name, priority);
	closedir(all);
}

static void sleep_until(uint64_t instant)
{
	for (;;) {
		uint64_t now = __rdtsc();
		struct timespec left;

		if (now + LATE >= instant)
			break;
		left.tv_sec = (instant - LATE - now) / SECOND;
		left.tv_nsec = (instant - LATE - now) % SECOND;
		nanosleep(&left, NULL);
	}
}

/* The ticks before it begins are taken too. */
static void freeze(uint64_t from, uint64_t to)
{
	sleep_until(from);
	while (__rdtsc() < to)
		;
}

int freeze_main(int argc, char **argv)
{
	int most = sched_get_priority_max(SCHED_FIFO);

	if (argc < 3 || argc % 2 == 0) {
		fprintf(stderr, "usage: freeze FROM TO [FROM TO]...\n");
		return 2;
	}
	write_file("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	raise_kernel(most);
	set_priority(0, most - 1);
	if (daemon(0, 0))
		die("daemon");
	for (int i = 1; i + 1 < argc; i += 2)
		freeze(strtoull(argv[i], NULL, 10),
		       strtoull(argv[i + 1], NULL, 10));
	return 0;
}
