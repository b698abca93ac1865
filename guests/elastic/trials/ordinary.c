// SPDX-License-Identifier: GPL-2.0-only
/*
 * ordinary: what programs do to their memory and rely on, while most of it is
 * elsewhere.
 *
 *	ordinary PAGES FOLDER
 *
 * Before each step it walks over PAGES pages, of which home may have a part
 * only. It prints for each part how many things were not as on one machine, and
 * ends with 1 if any was. FOLDER is for a file with O_DIRECT.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "away.h"
#include "trials.h"

#define PAGE        4096
#define WORDS       (PAGE / sizeof(uint64_t))
#define AREA_PAGES  24
#define AREA_BYTES  (AREA_PAGES * PAGE)
#define ADVICES     26 /* of Linux 6.1, without those that break the machine */
#define STACK_BYTES (16 * PAGE)
#define TICK_US     4000
#define THREADS     24
#define FLEETING    8 /* that each of them starts and waits for */

#ifndef MADV_FREE
#define MADV_FREE 8
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static uint64_t *big;
static size_t big_pages;
static unsigned long wrong;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void expect(bool right, const char *what)
{
	if (right)
		return;
	wrong++;
	printf("ordinary: wrong: %s\n", what);
}

static uint64_t word(uint64_t seed, size_t page)
{
	return (seed << 32 | page) * 6364136223846793005 + 1;
}

static void fill(uint64_t *memory, size_t pages, uint64_t seed)
{
	for (size_t i = 0; i < pages; i++)
		memory[i * WORDS + i % WORDS] = word(seed, i);
}

/* Pages that have neither what was written to them, nor zeroes if they may. */
static size_t differing(const uint64_t *memory, size_t pages, uint64_t seed,
			bool may_be_zero)
{
	size_t count = 0;

	for (size_t i = 0; i < pages; i++) {
		uint64_t found = memory[i * WORDS + i % WORDS];

		count += found != word(seed, i) && !(may_be_zero && !found);
	}
	return count;
}

static bool is_zero(const uint64_t *memory, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		if (memory[i * WORDS + i % WORDS])
			return false;
	return true;
}

/* Whatever was touched before is elsewhere after it, and the execution too. */
static void walk(void)
{
	expect(!differing(big, big_pages, 1, false), "the pages walked over");
}

static uint64_t *area(uint64_t seed)
{
	uint64_t *memory = mmap(NULL, AREA_BYTES, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	fill(memory, AREA_PAGES, seed);
	walk();
	return memory;
}

/* Each is obeyed or not known; what it leaves in the pages is written down. */
static void advise(int advice)
{
	uint64_t *memory = area(advice);
	bool done = !madvise(memory, AREA_BYTES, advice);

	/* 2.6.38 reads ahead of files only, and says EBADF */
	expect(done || errno == EINVAL ||
		       (errno == EBADF && advice == MADV_WILLNEED),
	       "madvise");
	if (done && (advice == MADV_DONTNEED || advice == MADV_DONTNEED_LOCKED))
		expect(is_zero(memory, AREA_PAGES), "MADV_DONTNEED");
	else if (differing(memory, AREA_PAGES, advice,
			   done && advice == MADV_FREE)) {
		printf("ordinary: after advice %d:\n", advice);
		expect(false, "pages");
	}
	munmap(memory, AREA_BYTES);
}

static void advices(void)
{
	for (int advice = 0; advice < ADVICES; advice++)
		advise(advice);
}

static void remaps(void)
{
	uint64_t *memory = area(2), *at = area(3), *moved;

	moved = mremap(memory, AREA_BYTES, AREA_BYTES,
		       MREMAP_MAYMOVE | MREMAP_FIXED, at);
	expect(moved == at && !differing(at, AREA_PAGES, 2, false), "a move");
	walk();
	moved = mremap(at, AREA_BYTES, 2 * AREA_BYTES, MREMAP_MAYMOVE);
	expect(moved != MAP_FAILED && !differing(moved, AREA_PAGES, 2, false) &&
		       is_zero(moved + AREA_PAGES * WORDS, AREA_PAGES),
	       "growth");
	walk();
	moved = mremap(moved, 2 * AREA_BYTES, AREA_BYTES / 2, 0);
	expect(moved != MAP_FAILED &&
		       !differing(moved, AREA_PAGES / 2, 2, false),
	       "shrinking");
	munmap(moved, AREA_BYTES / 2);

	memory = area(4);
	moved = mremap(memory, AREA_BYTES, AREA_BYTES,
		       MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	if (moved == MAP_FAILED) {
		expect(errno == EINVAL, "MREMAP_DONTUNMAP is unknown");
		expect(!differing(memory, AREA_PAGES, 4, false), "what stays");
		return;
	}
	expect(!differing(moved, AREA_PAGES, 4, false), "what has moved");
	expect(is_zero(memory, AREA_PAGES), "what it leaves");
}

/* What the child writes is its own. */
static void forks(void)
{
	uint64_t *memory = area(5);
	int status;

	for (int i = 0; i < 3; i++) {
		pid_t child = fork();

		if (!child) {
			size_t bad = differing(big, big_pages, 1, false) +
				     differing(memory, AREA_PAGES, 5, false);

			fill(memory, AREA_PAGES, 6);
			_exit(bad ? 1 : 0);
		}
		walk();
		expect(child > 0 && waitpid(child, &status, 0) == child &&
			       !status,
		       "a child");
		expect(!differing(memory, AREA_PAGES, 5, false), "a parent");
	}
	munmap(memory, AREA_BYTES);
}

static char *stack;                   /* of handlers */
static uint64_t *guarded;             /* until it is touched */
static volatile sig_atomic_t ticks;   /* since the last alarm was set */
static volatile sig_atomic_t astray;  /* handlers on another stack */
static volatile sig_atomic_t touches; /* that were caught */
static int pipe_ends[2];

static void note_stack(const void *local)
{
	const char *at = local;

	if (at < stack || at >= stack + STACK_BYTES)
		astray++;
}

static void on_tick(int number)
{
	char byte = 'x';

	(void)number;
	note_stack(&byte);
	if (++ticks == 5 && write(pipe_ends[1], &byte, 1) != 1)
		astray++;
}

static void on_touch(int number, siginfo_t *info, void *context)
{
	char *at = info->si_addr, *begin = (char *)guarded;

	(void)number;
	(void)context;
	note_stack(&at);
	if (at < begin || at >= begin + AREA_BYTES)
		_exit(3);
	touches++;
	mprotect((void *)((uintptr_t)at & -PAGE), PAGE, PROT_READ | PROT_WRITE);
}

static void set_ticks(int flags, unsigned int every_us)
{
	struct sigaction action = { .sa_handler = on_tick,
				    .sa_flags = SA_ONSTACK | flags };
	struct itimerval timer = { { 0, every_us }, { 0, every_us } };

	ticks = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void signals(void)
{
	struct sigaction touch = { .sa_sigaction = on_touch,
				   .sa_flags = SA_ONSTACK | SA_SIGINFO };
	struct timespec nap = { .tv_sec = 60 }, left = { 0 };
	stack_t alternate = { .ss_size = STACK_BYTES };
	char byte;

	stack = (char *)area(7);
	alternate.ss_sp = stack;
	if (sigaltstack(&alternate, NULL) || pipe(pipe_ends))
		die("sigaltstack");

	set_ticks(SA_RESTART, TICK_US);
	while (ticks < 4)
		walk();
	expect(read(pipe_ends[0], &byte, 1) == 1, "a read that is restarted");
	set_ticks(0, TICK_US);
	walk();
	while (ticks < 5)
		walk();
	expect(read(pipe_ends[0], &byte, 1) == 1, "a read");
	expect(read(pipe_ends[0], &byte, 1) < 0 && errno == EINTR,
	       "a read that is not restarted");
	expect(nanosleep(&nap, &left) && errno == EINTR && left.tv_sec > 0,
	       "a sleep that is cut off");
	set_ticks(0, 0);

	guarded = area(8);
	sigaction(SIGSEGV, &touch, NULL);
	mprotect(guarded, AREA_BYTES, PROT_NONE);
	walk();
	expect(!differing(guarded, AREA_PAGES, 8, false), "what was guarded");
	expect(touches == AREA_PAGES, "each touch is caught once");
	expect(!astray, "a handler's stack");
}

static void direct(const char *folder)
{
	uint64_t *from = area(9), *to = area(10);
	char path[PATH_MAX];
	int file;

	snprintf(path, sizeof(path), "%s/ordinary", folder);
	file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_DIRECT | O_CLOEXEC,
		    0600);
	if (file < 0)
		die(path);
	expect(pwrite(file, from, AREA_BYTES, 0) == AREA_BYTES, "a write");
	walk();
	expect(pread(file, to, AREA_BYTES, 0) == AREA_BYTES, "a read");
	walk();
	expect(!differing(from, AREA_PAGES, 9, false), "what was written");
	expect(!differing(to, AREA_PAGES, 9, false), "what was read");
	close(file);
	unlink(path);
	munmap(from, AREA_BYTES);
	munmap(to, AREA_BYTES);
}

static void *look(void *own)
{
	return (void *)differing(own, AREA_PAGES, 11, false);
}

/* Writes again and again, and has others look at it. */
static void *storm(void *own)
{
	pthread_t fleeting;
	uintptr_t bad = 0;
	void *found;

	for (int i = 0; i < FLEETING; i++) {
		fill(own, AREA_PAGES, 11);
		if (pthread_create(&fleeting, NULL, look, own))
			return (void *)1;
		pthread_join(fleeting, &found);
		bad += (uintptr_t)found;
	}
	return (void *)bad;
}

/* It comes home for the first of them. */
static void threads(void)
{
	pthread_t thread[THREADS];
	uint64_t *own[THREADS];
	void *bad;

	for (int i = 0; i < THREADS; i++)
		own[i] = area(12);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, storm, own[i]))
			die("pthread_create");
	walk();
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &bad);
		expect(!bad, "a thread");
	}
	walk();
}

static void report(const char *part)
{
	static unsigned long before;

	printf("ordinary: %s: %lu wrong\n", part, wrong - before);
	before = wrong;
}

int ordinary_main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	big_pages = strtoul(argv[1], NULL, 0);
	big = mmap(NULL, big_pages * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (big == MAP_FAILED)
		die("mmap");
	fill(big, big_pages, 1);
	until_away(big, big_pages);
	advices();
	report("advice");
	remaps();
	report("remaps");
	forks();
	report("forks");
	signals();
	report("signals");
	direct(argv[2]);
	report("direct");
	threads();
	report("threads");
	return wrong ? 1 : 0;
}
