// SPDX-License-Identifier: GPL-2.0-only
/*
 * forked: a stretched process whose child writes to the pages that they share,
 * at the moment when another node asks for them.
 *
 *	forked ROUNDS [NODES]
 *
 * The child watches the parent's page table. A page that has just left it is
 * the child's alone, and is written to at once. The parent, elsewhere, must
 * find what it wrote itself. It prints how many pages were wrong, and ends with
 * 1 if any was.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "counters.h"
#include "trials.h"

#define PAGE    4096
#define PAGES   64           /* shared with the child; one answer at most */
#define STEPS   256          /* pages of a walk */
#define FAILED  255          /* status of a child; else pages spoilt */
#define PRESENT (1ull << 63) /* of pagemap */

static volatile unsigned long sum;
static int spoilt; /* pages that children have written to */

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static unsigned char *map(size_t pages)
{
	void *got = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (got == MAP_FAILED)
		die("mmap");
	return got;
}

/* Write to each page as soon as the parent has it no more, until @over ends. */
static void spoil(pid_t parent, unsigned char *shared, int over)
{
	static uint64_t entry[PAGES];
	static int done[PAGES];
	off_t at = (uintptr_t)shared / PAGE * sizeof(*entry);
	int left = PAGES, fd;
	char path[64], byte;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", parent);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		_exit(FAILED);
	while (left && read(over, &byte, 1) < 0) {
		if (pread(fd, entry, sizeof(entry), at) != sizeof(entry))
			_exit(FAILED);
		for (int i = 0; i < PAGES; i++) {
			if (done[i] || (entry[i] & PRESENT))
				continue;
			memset(shared + i * PAGE, 'c', PAGE);
			done[i] = 1;
			left--;
		}
	}
	_exit(PAGES - left);
}

static int page_wrong(const unsigned char *page, int expected)
{
	for (int i = 0; i < PAGE; i++)
		if (page[i] != expected)
			return 1;
	return 0;
}

static int round_wrong(unsigned char *big, unsigned char *shared, int letter)
{
	pid_t parent = getpid(), child;
	int wrong = 0, status, over[2];

	if (pipe2(over, O_NONBLOCK))
		die("pipe");
	memset(shared, letter, PAGES * PAGE);
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		close(over[1]);
		spoil(parent, shared, over[0]);
	}
	/* fork brought all pages home; a new one has them pushed again */
	*map(1) = 1;
	/* go where the walk's pages are, without a system call */
	for (int i = 0; i < STEPS; i++)
		sum += ++big[i * PAGE];
	for (int i = 0; i < PAGES; i++)
		wrong += page_wrong(shared + i * PAGE, letter);
	close(over[0]);
	close(over[1]);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("wait");
	if (!WIFEXITED(status) || WEXITSTATUS(status) == FAILED)
		exit(2);
	spoilt += WEXITSTATUS(status);
	return wrong;
}

int forked_main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 1;
	int nodes = argc > 2 ? atoi(argv[2]) : 0;
	unsigned char *big = map(STEPS), *shared = map(PAGES);
	unsigned long wrong = 0;

	if (madvise(big, STEPS * PAGE, MADV_DONTFORK))
		die("madvise");
	memset(big, 1, STEPS * PAGE);
	wait_for_nodes(nodes);
	memset(big, 2, STEPS * PAGE);
	for (int round = 0; round < rounds; round++)
		wrong += round_wrong(big, shared, 'd' + round % 16);
	printf("forked: %lu of %d pages wrong, %d spoilt\n", wrong,
	       rounds * PAGES, spoilt);
	return wrong != 0;
}
