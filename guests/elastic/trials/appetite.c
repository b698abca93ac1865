// SPDX-License-Identifier: GPL-2.0-only
/*
 * appetite: one system call of a stretched process wants many pages at home.
 *
 *	appetite HOW PAGES NODES
 *
 * It waits until NODES other nodes are reached, fills PAGES pages, and then
 *
 *	read		has read() fill half of them
 *	copy		has read() fill half as many that show zeroes so far
 *	populate	maps half as many, to be resident at once
 *	lock		locks an eighth in memory
 *	move		has mremap() move an eighth
 *	protect		takes write permission from an eighth
 *	fork		forks; the child looks at all of them
 *	vfork		has a child of vfork() do that
 *	child		uses other memory as long as a child shares all of it
 *
 * It prints how many pages were resident at most, what the call said, and how
 * many words were not what they have to be. It ends with 1 if any was.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "counters.h"
#include "trials.h"

#define PAGE  4096ul
#define WORDS (PAGE / 8)

static volatile uint64_t *area; /* filled with stamps */
static size_t pages;
static size_t first; /* the first page that still has its stamp */
static const char *said = "done";
static unsigned long wrong;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* How many pages have been resident at most. */
static unsigned long most_resident(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned long kilobytes = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "VmHWM:", 6))
			kilobytes = strtoul(line + 6, NULL, 10);
	if (file)
		fclose(file);
	return kilobytes * 1024 / PAGE;
}

static volatile uint64_t *map(size_t count, int flags)
{
	void *got = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags,
			 -1, 0);

	if (got == MAP_FAILED)
		die("mmap");
	return got;
}

static uint64_t stamp(size_t i)
{
	return i * 0x9e3779b97f4a7c15 + 1;
}

/* The pages that are filled first have left when all are. */
static void fill(void)
{
	for (size_t i = 0; i < pages; i++)
		area[i * WORDS + i % WORDS] = stamp(i);
}

static unsigned long misread(volatile uint64_t *p, size_t from, size_t to)
{
	unsigned long bad = 0;

	for (size_t i = from; i < to; i++)
		bad += p[i * WORDS + i % WORDS] != stamp(i);
	return bad;
}

static unsigned long not_zero(const volatile uint64_t *p, size_t count)
{
	unsigned long bad = 0;

	for (size_t i = 0; i < count; i++)
		bad += p[i * WORDS + i % WORDS] != 0;
	return bad;
}

static void read_zeroes(volatile uint64_t *to, size_t count)
{
	int fd = open("/dev/zero", O_RDONLY);

	if (read(fd, (void *)to, count * PAGE) != (ssize_t)(count * PAGE))
		die("read");
	close(fd);
}

static void do_read(void)
{
	first = pages / 2;
	read_zeroes(area, first);
	wrong += not_zero(area, first);
}

static void do_copy(void)
{
	volatile uint64_t *more = map(pages / 2, 0);

	wrong += not_zero(more, pages / 2);
	read_zeroes(more, pages / 2);
	wrong += not_zero(more, pages / 2);
}

static void do_populate(void)
{
	wrong += not_zero(map(pages / 2, MAP_POPULATE), pages / 2);
}

static void do_lock(void)
{
	if (mlock((void *)area, pages / 8 * PAGE))
		die("mlock");
}

static void do_move(void)
{
	volatile uint64_t *place = map(pages / 8, 0);

	first = pages / 8;
	place = mremap((void *)area, first * PAGE, first * PAGE,
		       MREMAP_MAYMOVE | MREMAP_FIXED, place);
	if (place == MAP_FAILED)
		die("mremap");
	wrong += misread(place, 0, first);
}

static void do_protect(void)
{
	if (mprotect((void *)area, pages / 8 * PAGE, PROT_READ))
		die("mprotect");
}

static int forked(void)
{
	pid_t child = syscall(SYS_fork);
	int status;

	if (!child)
		_exit(misread(area, 0, pages) != 0);
	if (child < 0)
		return errno;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return status ? EBADMSG : 0;
}

static void do_fork(void)
{
	int error = forked();

	if (error)
		said = strerror(error);
}

static void do_vfork(void)
{
	pid_t child = vfork();
	int status;

	if (!child)
		_exit(forked());
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("wait");
	if (WIFSIGNALED(status))
		said = strsignal(WTERMSIG(status));
	else if (status)
		said = strerror(WEXITSTATUS(status));
}

/* The shared pages cannot go, and there are more than the process may have. */
static void do_child(void)
{
	pid_t child = fork();
	size_t count = pages / 8;

	if (child < 0)
		die("fork");
	if (!child)
		for (;;)
			pause();
	for (int round = 0; round < 8; round++) {
		volatile uint64_t *more = map(count, 0);

		for (size_t i = 0; i < count; i++)
			more[i * WORDS] = i;
		munmap((void *)more, count * PAGE);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static const struct {
	const char *name;
	void (*act)(void);
} calls[] = {
	{ "read", do_read }, { "copy", do_copy },   { "populate", do_populate },
	{ "lock", do_lock }, { "move", do_move },   { "protect", do_protect },
	{ "fork", do_fork }, { "vfork", do_vfork }, { "child", do_child },
};

int appetite_main(int argc, char **argv)
{
	unsigned long nodes = argc > 3 ? strtoul(argv[3], NULL, 0) : 0;
	size_t i;

	pages = argc > 3 ? strtoul(argv[2], NULL, 0) : 0;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (pages && !strcmp(calls[i].name, argv[1]))
			break;
	if (i == sizeof(calls) / sizeof(calls[0])) {
		fprintf(stderr, "usage: appetite HOW PAGES NODES\n");
		return 2;
	}
	area = map(pages, 0);
	wait_for_nodes(nodes);
	fill();
	calls[i].act();
	wrong += misread(area, first, pages);
	printf("appetite: %s: %s, %lu pages at most, %lu wrong\n",
	       calls[i].name, said, most_resident(), wrong);
	return wrong != 0;
}
