// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults BYTES RESIDENT - counts the major faults of a workload whose arena of
 * BYTES has RESIDENT bytes of memory
 *
 * The real workload runs under a pager in this process. A page that is not in
 * memory is not accessible, and the handler of SIGSEGV brings it in. Pages are
 * replaced as Linux replaces anonymous pages: there are an active and an
 * inactive list of equal length; a page comes in on the active one, and a touch
 * brings it back there. The measured phase begins with what the fill has left
 * in memory. The fold of the result is counted apart.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../workload.h"

#define PAGE_BYTES 4096ull
#define NO_PAGE    UINT32_MAX

/* A page that was never touched is all zero, and costs no major fault. */
enum state { NEVER, ABSENT, INACTIVE, ACTIVE };

/* Heads are the pages touched last. */
struct list {
	uint32_t head;
	uint32_t tail;
	uint64_t length;
};

static struct arena arena;
static uint64_t resident_pages, major_faults;
static struct list lists[4];
static enum state *state;
static uint32_t *newer, *older;

static void unlink_page(uint32_t page)
{
	struct list *list = &lists[state[page]];

	if (newer[page] == NO_PAGE)
		list->head = older[page];
	else
		older[newer[page]] = older[page];
	if (older[page] == NO_PAGE)
		list->tail = newer[page];
	else
		newer[older[page]] = newer[page];
	list->length--;
}

static void move_page(uint32_t page, enum state to)
{
	struct list *list = &lists[to];
	int access = to == ACTIVE ? PROT_READ | PROT_WRITE : PROT_NONE;

	if (state[page] >= INACTIVE)
		unlink_page(page);
	state[page] = to;
	if (to >= INACTIVE) {
		older[page] = list->head;
		newer[page] = NO_PAGE;
		if (list->head == NO_PAGE)
			list->tail = page;
		else
			newer[list->head] = page;
		list->head = page;
		list->length++;
	}
	if (mprotect(arena.base + page * PAGE_BYTES, PAGE_BYTES, access))
		_exit(70);
}

static void on_touch(int number, siginfo_t *info, void *frame)
{
	uint64_t offset = (uint64_t)((uint8_t *)info->si_addr - arena.base);
	uint32_t page = (uint32_t)(offset / PAGE_BYTES);

	(void)frame;
	if (offset >= arena.bytes || state[page] == ACTIVE) {
		signal(number, SIG_DFL);
		return;
	}
	if (state[page] == ABSENT)
		major_faults++;
	move_page(page, ACTIVE);
	if (lists[ACTIVE].length > resident_pages / 2)
		move_page(lists[ACTIVE].tail, INACTIVE);
	if (lists[ACTIVE].length + lists[INACTIVE].length > resident_pages)
		move_page(lists[INACTIVE].tail, ABSENT);
}

static void start_pager(void)
{
	struct sigaction action = { .sa_sigaction = on_touch,
				    .sa_flags = SA_SIGINFO };
	uint64_t pages = arena.bytes / PAGE_BYTES + 1;

	lists[INACTIVE] = (struct list){ .head = NO_PAGE, .tail = NO_PAGE };
	lists[ACTIVE] = lists[INACTIVE];
	state = calloc(pages, sizeof(*state));
	newer = calloc(pages, sizeof(*newer));
	older = calloc(pages, sizeof(*older));
	if (!state || !newer || !older ||
	    mprotect(arena.base, arena.bytes, PROT_NONE) ||
	    sigaction(SIGSEGV, &action, NULL)) {
		perror("faults");
		exit(70);
	}
}

int main(int argc, char **argv)
{
	struct checksum sum;
	uint64_t run_faults;
	struct prng prng;

	if (argc != 3)
		return 64;
	resident_pages = strtoull(argv[2], NULL, 10) / PAGE_BYTES;
	if (resident_pages < 4 ||
	    arena_map(&arena, strtoull(argv[1], NULL, 10)))
		return 71;
	start_pager();
	prng_seed(&prng, 1);
	checksum_start(&sum);
	workload.fill(&arena, &prng);
	major_faults = 0;
	workload.run(&sum);
	run_faults = major_faults;
	if (workload.fold)
		workload.fold(&sum);
	printf("{\"workload\":\"%s\",\"bytes\":%llu,\"residentBytes\":%llu,",
	       workload.name, (unsigned long long)arena.bytes,
	       (unsigned long long)(resident_pages * PAGE_BYTES));
	printf("\"majorFaults\":%llu,\"foldFaults\":%llu}\n",
	       (unsigned long long)run_faults,
	       (unsigned long long)(major_faults - run_faults));
	return 0;
}
