// SPDX-License-Identifier: GPL-2.0-only
/*
 * code32: 32-bit code in a 64-bit process.
 *
 *	code32 PAGES ROUNDS
 *
 * Each round jumps to code in the 32-bit segment, which adds up a word of each
 * of PAGES pages and jumps back. ROUNDS of them begin while two or more of the
 * pages are away. It reads them through the stack's segment,
 * since in a 64-bit process the one for data is empty. It does not touch the
 * stack: QEMU takes that of a far call or return for an access by the kernel.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "away.h"
#include "trials.h"

#define PAGE 4096ul

/*
 * ebp: the first page, ecx: how many, edi: the sum. The bytes are
 *	add (%ebp), %edi; add $4096, %ebp; dec %ecx; jnz; ljmp $0x33, $0
 */
static const unsigned char code[] = {
	0x03, 0x7d, 0x00, 0x81, 0xc5, 0x00, 0x10, 0x00, 0x00, 0x49,
	0x75, 0xf4, 0xea, 0x00, 0x00, 0x00, 0x00, 0x33, 0x00,
};

#define BACK 13 /* where the address to jump back to stands */

static void *low(size_t bytes, int prot)
{
	void *p = mmap(NULL, bytes, prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

static struct {
	uint32_t ip;
	uint16_t cs;
} __attribute__((packed)) far;

/*
 * This program is linked below 4 GiB, so the way back fits. Code of 32 bits may
 * lose the upper half of the stack pointer.
 */
static uint32_t jump32(uint32_t *first, size_t pages, unsigned char *text)
{
	uint64_t sum = 0, count = pages, from = (uint64_t)first;

	asm volatile("lea 1f(%%rip), %%rax\n\t"
		     "mov %%eax, (%[back])\n\t"
		     "mov %%rsp, %%r8\n\t"
		     "mov %%rbp, %%r9\n\t"
		     "mov %[from], %%rbp\n\t"
		     "ljmp *%[far]\n"
		     "1:\tmov %%r9, %%rbp\n\t"
		     "mov %%r8, %%rsp\n\t"
		     : "+D"(sum), "+c"(count)
		     : [back] "r"(text + BACK), [from] "r"(from), [far] "m"(far)
		     : "rax", "r8", "r9", "cc", "memory");
	return sum;
}

int code32_main(int argc, char **argv)
{
	size_t pages = argc > 2 ? strtoul(argv[1], NULL, 0) : 64;
	int rounds = argc > 2 ? atoi(argv[2]) : 4, wrong = 0;
	uint32_t *memory = low(pages * PAGE, PROT_READ | PROT_WRITE), right = 0;
	unsigned char *text = low(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);

	memcpy(text, code, sizeof(code));
	for (size_t i = 0; i < pages; i++) {
		memory[i * (PAGE / 4)] = i * 2654435761u + 7;
		right += memory[i * (PAGE / 4)];
	}
	far.ip = (uint64_t)text;
	far.cs = 0x23; /* __USER32_CS */
	until_away(memory, pages);
	while (rounds > 0) {
		rounds -= pages_away(memory, pages) > 1;
		wrong += jump32(memory, pages, text) != right;
	}
	printf("code32: %d wrong\n", wrong);
	return wrong != 0;
}
