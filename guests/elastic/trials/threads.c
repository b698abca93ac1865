// SPDX-License-Identifier: GPL-2.0-only
/*
 * threads: a process that has several threads from some moment on.
 *
 *	threads COUNT BYTES ALONE_MS TOGETHER_MS
 *
 * The first thread writes to all of BYTES, again and again for ALONE_MS; not at
 * all if that is 0. Then it starts COUNT - 1 threads more, which do so as well,
 * and after TOGETHER_MS it prints "threads: done" and ends the process. It is
 * not alone again before that: it could be stretched then.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "trials.h"

#define PAGE 4096

static char *memory;
static size_t bytes;

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void write_all(void)
{
	for (size_t at = 0; at < bytes; at += PAGE)
		__atomic_add_fetch(memory + at, 1, __ATOMIC_RELAXED);
}

static void write_for(long ms)
{
	long end = now_ms() + ms;

	do {
		write_all();
	} while (now_ms() < end);
}

static void *write_on(void *unused)
{
	for (;;)
		write_all();
	return unused;
}

int threads_main(int argc, char **argv)
{
	int count = argc == 5 ? atoi(argv[1]) : 0;
	pthread_t other;

	if (count < 1) {
		fprintf(stderr,
			"usage: threads COUNT BYTES ALONE_MS TOGETHER_MS\n");
		return 2;
	}
	bytes = strtoul(argv[2], NULL, 0);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
	if (atol(argv[3]) > 0)
		write_for(atol(argv[3]));
	for (int i = 1; i < count; i++)
		if (pthread_create(&other, NULL, write_on, NULL))
			return 1;
	write_for(atol(argv[4]));
	puts("threads: done");
	return 0;
}
