// SPDX-License-Identifier: MIT
/*
 * A guest that looks at how much its processor remembers of its page tables: it
 * uses many pages, takes back the marks that they were accessed, uses them once
 * more, and counts which are marked again. The less is remembered, the more.
 */
#include "bare.h"

#define PAGES    1000
#define PAGE     4096
#define USED     ((volatile uint8_t *)0x40000000)
#define PRESENT  3 /* and writable */
#define ACCESSED 0x20
#define PAGING   0x80000000

static uint32_t directory[1024] __attribute__((aligned(PAGE)));
static uint32_t own[1024] __attribute__((aligned(PAGE)));
static uint32_t used[1024] __attribute__((aligned(PAGE)));

/* The first 4 MiB are where they are, the next 4 are what is used. */
static void turn_on_paging(void)
{
	uint32_t control;

	for (uint32_t i = 0; i < 1024; i++) {
		own[i] = i * PAGE | PRESENT;
		used[i] = (1024 + i) * PAGE | PRESENT;
	}
	directory[0] = (uint32_t)own | PRESENT;
	directory[(uint32_t)USED >> 22] = (uint32_t)used | PRESENT;
	__asm__ volatile("mov %0, %%cr3" ::"r"(directory) : "memory");
	__asm__ volatile("mov %%cr0, %0" : "=r"(control));
	__asm__ volatile("mov %0, %%cr0" ::"r"(control | PAGING) : "memory");
}

static void flush(void)
{
	__asm__ volatile("mov %0, %%cr3" ::"r"(directory) : "memory");
}

static void use_all(void)
{
	for (uint32_t i = 0; i < PAGES; i++)
		USED[i * PAGE];
}

static uint32_t forgotten(void)
{
	uint32_t count = 0;

	use_all();
	for (uint32_t i = 0; i < PAGES; i++)
		used[i] &= ~ACCESSED;
	use_all();
	for (uint32_t i = 0; i < PAGES; i++)
		count += !!(used[i] & ACCESSED);
	return count;
}

static void try(uint32_t flushes)
{
	/* Often enough that the TLB has room for all. */
	for (int i = 0; i < 8; i++) {
		use_all();
		flush();
	}
	for (uint32_t i = 0; i < flushes; i++)
		flush();
	print_number(flushes);
	print(" flushes, forgotten: ");
	print_number(forgotten());
	print("\n");
}

void main(void)
{
	turn_on_paging();
	try(10);
	try(5000);
}
