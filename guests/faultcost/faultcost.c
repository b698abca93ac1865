// SPDX-License-Identifier: GPL-2.0-only
/*
 * faultcost: how many instructions a page fault takes.
 *
 * Runs as the first process of a guest whose time stamp counter counts
 * instructions (QEMU's -icount shift=0), prints the figures, and resets the
 * machine. Each figure is the least of several rounds, since a timer interrupt
 * can fall into a round.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <unistd.h>
#include <x86intrin.h>

#define PAGE   4096
#define PAGES  10000
#define ROUNDS 10

enum { READ, COPY, WRITE, UNMAP, KINDS };

static const char *const names[KINDS] = {
	[READ] = "read",   /* of what was never written */
	[COPY] = "copy",   /* first write after that */
	[WRITE] = "write", /* of what was never read */
	[UNMAP] = "unmap",
};

static volatile char *map(void)
{
	void *memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static uint64_t read_all(volatile char *memory)
{
	uint64_t begin = __rdtsc();

	for (int page = 0; page < PAGES; page++)
		(void)memory[(size_t)page * PAGE];
	return __rdtsc() - begin;
}

static uint64_t write_all(volatile char *memory)
{
	uint64_t begin = __rdtsc();

	for (int page = 0; page < PAGES; page++)
		memory[(size_t)page * PAGE] = 1;
	return __rdtsc() - begin;
}

static uint64_t unmap_all(volatile char *memory)
{
	uint64_t begin = __rdtsc();

	munmap((void *)memory, PAGES * PAGE);
	return __rdtsc() - begin;
}

static void round_of(uint64_t least[KINDS])
{
	uint64_t took[KINDS];
	volatile char *memory = map();

	took[READ] = read_all(memory);
	took[COPY] = write_all(memory);
	unmap_all(memory);
	memory = map();
	took[WRITE] = write_all(memory);
	took[UNMAP] = unmap_all(memory);
	for (int kind = 0; kind < KINDS; kind++)
		if (took[kind] < least[kind])
			least[kind] = took[kind];
}

int main(void)
{
	uint64_t least[KINDS] = { -1, -1, -1, -1 };

	for (int i = 0; i < ROUNDS; i++)
		round_of(least);
	for (int kind = 0; kind < KINDS; kind++)
		printf("faultcost: %s %.2f\n", names[kind],
		       (double)least[kind] / PAGES);
	fflush(stdout);
	if (getpid() == 1)
		reboot(RB_AUTOBOOT);
	return 0;
}
