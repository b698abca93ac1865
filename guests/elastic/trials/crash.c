// SPDX-License-Identifier: GPL-2.0-only
/*
 * crash: dies of SIGSEGV where its pages are, and judges the core that is left.
 *
 *	crash PAGES			fill them, wander over them, and die
 *	crash core FILE ADDRESS PAGES	how many words are not as they were
 *
 * ADDRESS is what the first one has printed.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "trials.h"

#define PAGE  4096ul
#define WORDS (PAGE / 8)

static uint64_t word(uint64_t i)
{
	return i * 0x9e3779b97f4a7c15 + 1;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* Where in a core an address is. Returns 0 if it is not there. */
static off_t offset_of(int fd, uint64_t address)
{
	Elf64_Ehdr head;
	Elf64_Phdr part;

	if (pread(fd, &head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_type != ET_CORE)
		die("not a core");
	for (unsigned int i = 0; i < head.e_phnum; i++) {
		if (pread(fd, &part, sizeof(part),
			  head.e_phoff + i * sizeof(part)) != sizeof(part))
			die("program header");
		if (part.p_type == PT_LOAD && part.p_vaddr <= address &&
		    address < part.p_vaddr + part.p_filesz)
			return part.p_offset + (address - part.p_vaddr);
	}
	return 0;
}

static int core(const char *file, uint64_t address, size_t pages)
{
	uint64_t page[WORDS], wrong = 0;
	int fd = open(file, O_RDONLY);

	if (fd < 0)
		die(file);
	for (size_t i = 0; i < pages; i++) {
		off_t at = offset_of(fd, address + i * PAGE);

		if (!at || pread(fd, page, PAGE, at) != (ssize_t)PAGE) {
			wrong += WORDS;
			continue;
		}
		for (size_t k = 0; k < WORDS; k++)
			wrong += page[k] != word(i * WORDS + k);
	}
	printf("core: %llu wrong\n", (unsigned long long)wrong);
	return wrong != 0;
}

static int crash(size_t pages)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	volatile uint64_t *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t *volatile nowhere = (uint64_t *)16;
	uint64_t sum = 0;

	if (p == MAP_FAILED)
		die("mmap");
	if (setrlimit(RLIMIT_CORE, &all))
		die("setrlimit");
	for (size_t i = 0; i < pages * WORDS; i++)
		p[i] = word(i);
	printf("crash %p\n", (void *)p);
	for (int round = 0; round < 20; round++)
		for (size_t i = 0; i < pages * WORDS; i += 64)
			sum += p[i];
	*nowhere = sum;
	return 0;
}

int crash_main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 5 && !strcmp(argv[1], "core"))
		return core(argv[2], strtoul(argv[3], NULL, 0), atol(argv[4]));
	if (argc == 2)
		return crash(atol(argv[1]));
	fprintf(stderr, "usage: crash PAGES | crash core FILE ADDRESS PAGES\n");
	return 2;
}
