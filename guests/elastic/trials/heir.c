// SPDX-License-Identifier: GPL-2.0-only
/*
 * heir: who gets a robust futex when its holder is killed away from home.
 *
 *	heir FILE
 *
 * The parent takes a robust mutex in shared memory and computes in private
 * memory, from SIGUSR1 on without any system call. It is what is stretched, and
 * killed. Its child waits for the mutex, which has to come with the word that
 * its holder has died, and writes to FILE what it got.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "trials.h"

#define WORDS (64 * 4096 / 8)

static volatile sig_atomic_t told;

static void on_signal(int number)
{
	(void)number;
	told = 1;
}

struct shared {
	pthread_mutex_t mutex;
	volatile int held;
};

static struct shared *make_shared(void)
{
	struct shared *shared = mmap(NULL, sizeof(*shared),
				     PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attributes;

	if (shared == MAP_FAILED)
		exit(1);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&shared->mutex, &attributes);
	return shared;
}

/* It tells what it gets for waiting, however that ends. */
static void wait_for(struct shared *shared, const char *path)
{
	FILE *file;
	struct timespec until;
	int ret;

	while (!shared->held)
		usleep(1000);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 30;
	ret = pthread_mutex_timedlock(&shared->mutex, &until);
	file = fopen(path, "w");
	fprintf(file, "%s\n", ret ? strerror(ret) : "the mutex was free");
	fclose(file);
}

static void compute(uint64_t *memory, uint64_t steps)
{
	static uint64_t state = 1;

	while (steps--) {
		state = state * 6364136223846793005 + 1442695040888963407;
		memory[(state >> 33) % WORDS] += state;
	}
}

int heir_main(int argc, char **argv)
{
	struct shared *shared = make_shared();
	uint64_t *memory;
	bool quiet;

	if (argc != 2)
		return 2;
	signal(SIGUSR1, on_signal);
	if (!fork()) {
		wait_for(shared, argv[1]);
		return 0;
	}
	memory = mmap(NULL, WORDS * 8, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_mutex_lock(&shared->mutex);
	shared->held = 1;
	do {
		compute(memory, 10000);
		quiet = told;
		/* a migrated process goes back after each call */
		getppid();
	} while (!quiet);
	for (;;)
		compute(memory, UINT64_MAX);
}
