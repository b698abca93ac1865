// SPDX-License-Identifier: GPL-2.0-only
/*
 * readonly: a process that reads mappings without write permission on every
 * node that it is stretched to, while what they show changes at home.
 *
 *	readonly CASE [NODES]
 *
 * Once it is stretched to that many other nodes, it walks over memory of which
 * most is elsewhere, and reads the mapping after each step, wherever the
 * execution is by then. Between two walks it changes the mapping by the way
 * that the case is named after. It prints how many reads were wrong, and ends
 * with 1 if any was.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trials.h"

#define PAGE    4096
#define PAGES   8 /* of the mapping */
#define BYTES   (PAGES * PAGE)
#define STEPS   256 /* pages of a walk */
#define WALKS   2   /* between two changes */
#define CHANGES 2
#define TOUCHES 24 /* beyond the end of a file */

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static unsigned char *big;
static unsigned char *shown; /* the mapping */
static int file = -1;        /* behind it */
static int next[CHANGES];    /* files to come, already open */
static volatile unsigned long sum;
static unsigned long reads, wrong;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void *map(void *at, int prot, int flags, int fd)
{
	void *got = mmap(at, BYTES, prot, MAP_PRIVATE | flags, fd, 0);

	if (got == MAP_FAILED || (at && got != at))
		die("mmap");
	return got;
}

static void fill_file(int fd, int letter)
{
	static char page[PAGE];

	memset(page, letter, PAGE);
	for (int i = 0; i < PAGES; i++)
		if (pwrite(fd, page, PAGE, i * PAGE) != PAGE)
			die("write");
}

static int make_file(const char *path, int letter)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0)
		die(path);
	fill_file(fd, letter);
	return fd;
}

/* One more file, known by its descriptor only. */
static int new_file(int letter)
{
	static char path[] = "/tmp/readonly-new";
	int fd = make_file(path, letter);

	unlink(path);
	return fd;
}

static void protect(int prot)
{
	if (mprotect(shown, BYTES, prot))
		die("mprotect");
}

static void show_file(void)
{
	for (int i = 0; i < CHANGES; i++)
		next[i] = new_file('b' + i);
	file = new_file('a');
	shown = map(NULL, PROT_READ, 0, file);
}

/* A file that nobody has open, hence one that the kernel may believe quiet. */
static void show_quiet_file(void)
{
	file = make_file("/tmp/readonly-quiet", 'a');
	shown = map(NULL, PROT_READ, 0, file);
	close(file);
	sleep(1);
}

static void show_memory(void)
{
	shown = map(NULL, PROT_READ | PROT_WRITE, MAP_ANONYMOUS, -1);
	memset(shown, 'a', BYTES);
	protect(PROT_READ);
}

/* The one that may be written to: its pages move, and are discarded as well. */
static void show_writable(void)
{
	shown = map(NULL, PROT_READ | PROT_WRITE, MAP_ANONYMOUS, -1);
	memset(shown, 'a', BYTES);
}

static int by_unmap(int letter)
{
	if (munmap(shown, BYTES))
		die("munmap");
	map(shown, PROT_READ, 0, next[letter - 'b']);
	return letter;
}

static int by_over(int letter)
{
	map(shown, PROT_READ, MAP_FIXED, next[letter - 'b']);
	return letter;
}

/* What goes is not read-only, and what comes is. */
static int by_mprotect(int letter)
{
	if (mprotect(shown, BYTES, PROT_READ | PROT_WRITE) ||
	    munmap(shown, BYTES))
		die("mprotect");
	map(shown, PROT_READ, 0, next[letter - 'b']);
	return letter;
}

static int by_onto(int letter)
{
	unsigned char *other =
		map(NULL, PROT_READ | PROT_WRITE, MAP_ANONYMOUS, -1);

	memset(other, letter, BYTES);
	if (mprotect(other, BYTES, PROT_READ) ||
	    mremap(other, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, shown) !=
		    shown)
		die("mremap");
	return letter;
}

static int by_left(int letter)
{
	(void)letter;
	if (mremap(shown, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
		   NULL) == MAP_FAILED)
		die("mremap");
	return 0;
}

static int by_dontneed(int letter)
{
	(void)letter;
	if (madvise(shown, BYTES, MADV_DONTNEED))
		die("madvise");
	return 0;
}

static int by_rewrite(int letter)
{
	protect(PROT_READ | PROT_WRITE);
	memset(shown, letter, BYTES);
	protect(PROT_READ);
	return letter;
}

static int by_write(int letter)
{
	fill_file(file, letter);
	return letter;
}

/* Nobody has the file open before and after. */
static int by_writer(int letter)
{
	int fd = open("/tmp/readonly-quiet", O_WRONLY);

	if (fd < 0)
		die("open");
	fill_file(fd, letter);
	close(fd);
	return letter;
}

static int by_truncate(int letter)
{
	(void)letter;
	if (ftruncate(file, 0) || ftruncate(file, BYTES))
		die("ftruncate");
	return 0;
}

/* By force, which writes to what has no permission. */
static int by_mem(int letter)
{
	int fd = open("/proc/self/mem", O_WRONLY);
	static char page[PAGE];

	memset(page, letter, PAGE);
	for (int i = 0; i < PAGES; i++)
		if (pwrite(fd, page, PAGE, (uintptr_t)shown + i * PAGE) != PAGE)
			die("/proc/self/mem");
	close(fd);
	return letter;
}

static void poke(pid_t pid, int letter)
{
	long word;

	memset(&word, letter, sizeof(word));
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) || waitpid(pid, NULL, 0) < 0)
		die("attach");
	for (int i = 0; i < BYTES; i += sizeof(word))
		if (ptrace(PTRACE_POKEDATA, pid, shown + i, word))
			die("poke");
	if (ptrace(PTRACE_DETACH, pid, NULL, NULL))
		die("detach");
}

static int by_poke(int letter)
{
	pid_t parent = getpid(), child = fork();
	int status;

	if (child < 0)
		die("fork");
	if (!child) {
		poke(parent, letter);
		_exit(0);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("wait");
	if (status)
		exit(2);
	/* fork brought all pages home; a new one has them pushed again */
	*(char *)map(NULL, PROT_READ | PROT_WRITE, MAP_ANONYMOUS, -1) = 1;
	return letter;
}

/* Never written to, first without permission, then with it. */
static int by_permission(int letter)
{
	(void)letter;
	map(shown, PROT_READ, MAP_FIXED | MAP_ANONYMOUS, -1);
	return 0;
}

static const struct way {
	const char *name;
	void (*show)(void);
	int (*change)(int letter); /* returns what has to be shown */
} ways[] = {
	{ "unmap", show_file, by_unmap },
	{ "over", show_file, by_over },
	{ "onto", show_memory, by_onto },
	{ "left", show_memory, by_left },
	{ "dontneed", show_memory, by_dontneed },
	{ "mprotect", show_file, by_mprotect },
	{ "rewrite", show_memory, by_rewrite },
	{ "write", show_file, by_write },
	{ "writer", show_quiet_file, by_writer },
	{ "truncate", show_file, by_truncate },
	{ "mem", show_memory, by_mem },
	{ "mem-file", show_file, by_mem },
	{ "poke", show_memory, by_poke },
	{ "zero", show_memory, by_permission },
	{ "writable", show_writable, by_dontneed },
};

static void walk(int expected)
{
	volatile unsigned char *p = shown;

	for (int i = 0; i < STEPS; i++) {
		sum += big[i * PAGE];
		wrong += p[i % PAGES * PAGE + i] != expected;
		reads++;
	}
}

static void try(const struct way *way)
{
	int expected = 'a';

	way->show();
	for (int i = 0; i < WALKS; i++)
		walk(expected);
	for (int change = 1; change <= CHANGES; change++) {
		expected = way->change('a' + change);
		for (int i = 0; i < WALKS; i++)
			walk(expected);
		if (way->change != by_permission)
			continue;
		protect(PROT_READ | PROT_WRITE);
		walk(0);
	}
}

static sigjmp_buf back;

static void on_bus(int number)
{
	(void)number;
	siglongjmp(back, 1);
}

/* A touch beyond the end of a file is SIGBUS, which programs handle. */
static void try_behind(int prot)
{
	volatile int handled = 0;
	volatile int round;

	shown = map(NULL, prot, 0, new_file('a'));
	file = open("/tmp/readonly-short", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (file < 0 || write(file, "aaaaa", 5) != 5)
		die("write");
	map(shown, prot, MAP_FIXED, file);
	signal(SIGBUS, on_bus);
	for (round = 0; round < TOUCHES; round++) {
		if (sigsetjmp(back, 1)) {
			handled++;
			continue;
		}
		/* ends now on this node, now on that */
		for (int i = 0; i < STEPS - 7 * round; i++)
			sum += big[i * PAGE];
		sum += ((volatile unsigned char *)shown)[2 * PAGE];
	}
	reads = round;
	wrong = round - handled;
	wrong += shown[0] != 'a';
}

static int nodes_reached(void)
{
	FILE *stream = fopen("/proc/elasticos", "r");
	char line[128];
	int count = 0;

	while (stream && fgets(line, sizeof(line), stream))
		count += !strncmp(line, "link_", 5);
	if (stream)
		fclose(stream);
	return count;
}

int readonly_main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	int nodes = argc > 2 ? atoi(argv[2]) : 0;
	const struct way *way = ways,
			 *end = ways + sizeof(ways) / sizeof(*ways);

	setvbuf(stdout, NULL, _IOLBF, 0);
	big = mmap(NULL, STEPS * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (big == MAP_FAILED)
		die("mmap");
	memset(big, 1, STEPS * PAGE);
	while (nodes_reached() < nodes)
		usleep(10000);
	memset(big, 2, STEPS * PAGE);
	while (way < end && strcmp(way->name, name))
		way++;
	if (way < end)
		try(way);
	else if (!strcmp(name, "behind"))
		try_behind(PROT_READ);
	else if (!strcmp(name, "behind-private"))
		try_behind(PROT_READ | PROT_WRITE);
	else
		return fprintf(stderr, "usage: readonly CASE [NODES]\n"), 2;
	printf("readonly: %s: %lu of %lu wrong\n", name, wrong, reads);
	return wrong != 0;
}
