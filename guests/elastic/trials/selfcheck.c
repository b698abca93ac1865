// SPDX-License-Identifier: GPL-2.0-only
/*
 * selfcheck: a process that knows what its memory and registers must hold.
 *
 *	selfcheck PAGES ROUNDS PATTERN [SYSCALLS [MAPPINGS]]
 *
 * The content of each page is a function of its address and its version, which
 * is how often it was written. Versions are kept in another place. Each visit
 * checks a whole page; about half of the visits, drawn at random, also write
 * it. Each visit also checks values in general, x87, SSE and AVX registers and
 * in thread-local storage.
 *
 * PATTERN is seq, random, or halves (it stays in one half for long, then in the
 * other). After every SYSCALLS visits it makes system calls: mmap, mprotect,
 * munmap, madvise, brk and write, and reads the clock through the vsyscall
 * page. MAPPINGS is a number of mappings more for the address space.
 *
 * At the end it prints its counters of /proc/elasticos on standard error, a
 * line "name value" each.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "counters.h"
#include "trials.h"

#define WORDS 512

static __thread uint64_t tls_canary = 0x1122334455667788;
static volatile sig_atomic_t signals;
static uint64_t *memory;
static uint32_t *version;
static uint64_t errors, sum;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccd;
	x ^= x >> 33;
	return x;
}

static void wrong(const char *what, uint64_t page, uint64_t got,
		  uint64_t expected)
{
	if (errors++ < 10)
		printf("selfcheck: %s, page %llu: %llx, not %llx\n", what,
		       (unsigned long long)page, (unsigned long long)got,
		       (unsigned long long)expected);
}

static uint64_t word(uint64_t page, uint32_t version_of, unsigned int i)
{
	return mix((page << 32 | version_of) * WORDS + i) ^ i;
}

static void visit(uint64_t page, bool writes)
{
	uint64_t *at = memory + page * WORDS;

	for (unsigned int i = 0; i < WORDS; i += 8) {
		uint64_t expected =
			version[page] ? word(page, version[page], i) : 0;

		if (at[i] != expected)
			wrong("word", page, at[i], expected);
		sum = sum * 31 + at[i];
	}
	if (!writes)
		return;
	version[page]++;
	for (unsigned int i = 0; i < WORDS; i += 8)
		at[i] = word(page, version[page], i);
}

/* A visit during which registers hold known values. */
static void visit_with_canaries(uint64_t page, bool writes, int avx)
{
	uint64_t seed = mix(page), lanes[4] = { seed, ~seed, seed * 3, 7 };
	uint64_t back[4] = {}, general[6];
	long double x87 = 1.0L;

	tls_canary += page;
	asm volatile("fld1\n\tfldpi\n\tfmulp" : "=t"(x87));
	if (avx)
		asm volatile("vmovdqu %0, %%ymm9" : : "m"(lanes) : "xmm9");
	asm volatile("movdqu %0, %%xmm8" : : "m"(lanes) : "xmm8");
	asm volatile("mov %[s], %%rbx\n\t"
		     "lea 1(%[s]), %%r12\n\t"
		     "lea 2(%[s]), %%r13\n\t"
		     "lea 3(%[s]), %%r14\n\t"
		     "lea 4(%[s]), %%r15\n\t"
		     "mov $64, %%rcx\n\t"
		     "mov %[p], %%rdx\n"
		     /* touch the page: the fault, and maybe a jump, is here */
		     "1:\tcmpq $0, (%%rdx)\n\t"
		     "add $64, %%rdx\n\t"
		     "dec %%rcx\n\t"
		     "jnz 1b\n\t"
		     "mov %%rbx, %[g0]\n\t"
		     "mov %%r12, %[g1]\n\t"
		     "mov %%r13, %[g2]\n\t"
		     "mov %%r14, %[g3]\n\t"
		     "mov %%r15, %[g4]\n\t"
		     : [g0] "=m"(general[0]), [g1] "=m"(general[1]),
		       [g2] "=m"(general[2]), [g3] "=m"(general[3]),
		       [g4] "=m"(general[4])
		     : [s] "r"(seed), [p] "r"(memory + page * WORDS)
		     : "rbx", "rcx", "rdx", "r12", "r13", "r14", "r15", "cc",
		       "memory");
	for (int i = 0; i < 5; i++)
		if (general[i] != seed + i)
			wrong("general register", page, general[i], seed + i);
	if (avx) {
		asm volatile("vmovdqu %%ymm9, %0" : "=m"(back));
		if (memcmp(back, lanes, sizeof(lanes)))
			wrong("ymm9", page, back[3], lanes[3]);
	}
	asm volatile("movdqu %%xmm8, %0" : "=m"(back[0]), "=m"(back[1]));
	if (memcmp(back, lanes, 16))
		wrong("xmm8", page, back[0], lanes[0]);
	if (x87 < 3.14159265358979L || x87 > 3.14159265358980L)
		wrong("x87", page, 0, 0);
	visit(page, writes);
	tls_canary -= page;
	if (tls_canary != 0x1122334455667788)
		wrong("thread-local storage", page, tls_canary, 0);
}

/*
 * The legacy vsyscall page is at the same address everywhere. What it tells
 * has to be the time at home, as a system call tells it.
 */
static void clocks(void)
{
	time_t (*vsyscall)(time_t *) = (void *)0xffffffffff600400;
	time_t told = vsyscall(NULL), right = time(NULL);

	if (told < right - 5 || told > right)
		wrong("clock", 0, told, right);
}

static void remap(uint64_t step)
{
	const size_t size = 1 << 20;
	char *area = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < size; i += 4096) {
		if (area[i])
			wrong("fresh mapping", i, area[i], 0);
		area[i] = (char)(i >> 12) ^ (char)step;
	}
	for (uint64_t page = 0; page < 64; page++)
		visit(page * 7919 % 128, true);
	madvise(area, size / 2, MADV_DONTNEED);
	for (size_t i = 0; i < size; i += 4096) {
		char expected = i < size / 2 ? 0 : (char)(i >> 12) ^ (char)step;

		if (area[i] != expected)
			wrong("madvise", i, area[i], expected);
	}
	mprotect(area + size / 2, size / 2, PROT_READ);
	for (size_t i = size / 2; i < size; i += 4096)
		if (area[i] != ((char)(i >> 12) ^ (char)step))
			wrong("mprotect", i, area[i], 0);
	mprotect(area + size / 2, size / 2, PROT_READ | PROT_WRITE);
	area[size / 2] = 1;
	area = mremap(area, size, 2 * size, MREMAP_MAYMOVE);
	if (area[size / 2] != 1 || area[size])
		wrong("mremap", 0, area[size / 2], 1);
	munmap(area, 2 * size);
	sbrk(64 << 10);
	/* so many pages were just visited that it is most likely not at home */
	for (uint64_t page = 0; page < 64; page++) {
		visit(page * 7919 % 128, true);
		clocks();
	}
}

static void forked(void)
{
	int status;
	pid_t child = fork();

	if (!child) {
		for (uint64_t page = 0; page < 128; page++)
			visit(page, true);
		_exit(errors != 0);
	}
	for (uint64_t page = 0; page < 128; page++)
		visit(page, true);
	while (waitpid(child, &status, 0) < 0)
		;
	if (status)
		wrong("child", 0, status, 0);
}

/* Neighbours differ in protection; the kernel would merge them otherwise. */
static void make_mappings(uint64_t count)
{
	char *area = mmap(NULL, count * 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (uint64_t i = 0; i < count; i += 2)
		mprotect(area + i * 4096, 4096, PROT_READ);
}

int selfcheck_main(int argc, char **argv)
{
	uint64_t pages = argc > 1 ? strtoull(argv[1], NULL, 0) : 2048;
	uint64_t rounds = argc > 2 ? strtoull(argv[2], NULL, 0) : 4;
	const char *pattern = argc > 3 ? argv[3] : "seq";
	uint64_t every = argc > 4 ? strtoull(argv[4], NULL, 0) : 0;
	uint64_t visits = pages * rounds, state = 1, step;
	int avx = __builtin_cpu_supports("avx") != 0;
	struct timespec begin, end;
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = SA_RESTART };

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGUSR1, &action, NULL);
	if (argc > 5)
		make_mappings(strtoull(argv[5], NULL, 0));
	memory = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	version = calloc(pages, sizeof(*version));
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (step = 0; step < visits; step++) {
		uint64_t page = step % pages;

		state = state * 6364136223846793005 + 1442695040888963407;
		if (*pattern == 'r')
			page = (state >> 33) % pages;
		if (*pattern == 'h')
			page = (state >> 33) % (pages / 2) +
			       (step / pages % 2) * (pages / 2);
		visit_with_canaries(page, state >> 20 & 1, avx);
		if (every && step % every == every - 1)
			remap(step);
		if (every && step % (every * 16) == every * 16 - 1)
			forked();
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("selfcheck: sum %016llx errors %llu signals %d us %lld avx %d\n",
	       (unsigned long long)sum, (unsigned long long)errors, signals,
	       (end.tv_sec - begin.tv_sec) * 1000000LL +
		       (end.tv_nsec - begin.tv_nsec) / 1000,
	       avx);
	show_own_counters();
	return errors != 0;
}
