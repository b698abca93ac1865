// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "dice.h"
#include "report.h"
#include "visits.h"

#define ALARM_PAGES 32
#define ALARM_US    2000
#define CHILD_STEPS 8

/* Pages that only the handler of alarms touches; @count is in shared memory. */
struct alarms {
	uint64_t (*page)[WORDS];
	volatile uint32_t *count;
};

static struct alarms alarms;
static sigjmp_buf after_fault;
static void *volatile fault_at;
static int pipe_of[2];

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	fault_at = info->si_addr;
	siglongjmp(after_fault, 1);
}

static void ring_in(suseconds_t us)
{
	struct itimerval once = { { 0, 0 }, { 0, us } };

	if (setitimer(ITIMER_REAL, &once, NULL))
		failed("setitimer");
}

/* Pages hold a number that only the handler changes, and all the same. */
static void on_alarm(int number)
{
	uint32_t count = *alarms.count;

	(void)number;
	for (int i = 0; i < ALARM_PAGES; i++) {
		volatile uint64_t *page = alarms.page[i];

		for (size_t at = 0; at < WORDS; at += 64) {
			if (page[at] != count) {
				printf("mmfuzz: WRONG at step %llu, alarm %u: page %d of the handler has %llu\n",
				       (unsigned long long)model->step, count,
				       i, (unsigned long long)page[at]);
				_exit(1);
			}
			page[at] = count + 1;
		}
	}
	*alarms.count = count + 1;
}

static void handle(int number, struct sigaction action, int flags)
{
	action.sa_flags |= flags;
	if (sigaction(number, &action, NULL))
		failed("sigaction");
}

static void *map_pages(size_t count, int flags)
{
	void *at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE,
			flags | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		failed("mmap");
	return at;
}

void calls_begin(void)
{
	stack_t stack = { .ss_size = 16 * PAGE };

	stack.ss_sp = map_pages(16, MAP_PRIVATE);
	alarms.page = map_pages(ALARM_PAGES, MAP_PRIVATE);
	alarms.count = map_pages(1, MAP_SHARED);
	if (pipe2(pipe_of, O_CLOEXEC) || sigaltstack(&stack, NULL))
		failed("pipe2");
	handle(SIGSEGV, (struct sigaction){ .sa_sigaction = on_fault },
	       SA_SIGINFO);
	handle(SIGALRM, (struct sigaction){ .sa_handler = on_alarm },
	       SA_RESTART | SA_ONSTACK);
}

static struct page *page_to_read(uint32_t number)
{
	struct page *page = &model->page[number];

	return page->prot & PROT_READ && !page->is_loose ? page : NULL;
}

/* write() reads a page, and read() writes another. */
static void pass_page(uint32_t from, uint32_t to)
{
	const struct expected want = model_expect(&model->page[from]);
	struct page *target = &model->page[to];
	uint64_t *at = (void *)address_of(to);
	struct content seen;
	int word;

	if (write(pipe_of[1], address_of(from), PAGE) != (ssize_t)PAGE)
		failed("write");
	if (read(pipe_of[0], at, PAGE) != (ssize_t)PAGE)
		failed("read");
	word = model_differs(at, &want, &seen);
	if (word >= 0)
		wrong(to, word, at[word], &want, "read by a call");
	for (int unit = 0; unit < UNITS; unit++)
		model_write(target, unit, seen.token[unit]);
	target->is_loose = false;
}

void pass_through_pipe(void)
{
	for (uint32_t i = draw(32); i; i--) {
		uint32_t from = draw(model->pages), to = draw(model->pages);

		if (page_to_read(from) && model_is_writable(&model->page[to]))
			pass_page(from, to);
	}
}

/* Into what must not be written, too: a private page is made for that. */
static void write_by_force(int memory, uint32_t number)
{
	struct page *page = &model->page[number];
	uint64_t buffer[WORDS];
	int unit = draw(UNITS);
	uint64_t token = model_token();
	off_t at = (off_t)address_of(number) + unit * UNIT_BYTES;

	visit_by_force(memory, number, "read before a write by force");
	content_write_unit(buffer, unit, token);
	/* 2.6.38.8 cannot do it */
	if (pwrite(memory, buffer + unit * UNIT_WORDS, UNIT_BYTES, at) !=
	    (ssize_t)UNIT_BYTES)
		return;
	model_write(page, unit, token);
	model_settle(page);
	visit_page_now(number, "read after a write by force");
}

void reach_by_force(void)
{
	int memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	if (memory < 0)
		failed("/proc/self/mem");
	for (uint32_t i = draw(16); i; i--) {
		uint32_t number = draw(model->pages);
		const struct page *page = &model->page[number];

		if (page->kind == HOLE)
			continue;
		if (draw(2))
			visit_by_force(memory, number, "read by force");
		else if (page->kind != FILE_SHARED && !page->is_loose)
			write_by_force(memory, number);
	}
	close(memory);
}

static void touch(volatile uint64_t *at, bool writes)
{
	if (writes)
		*at = 0;
	else
		(void)*at;
}

/* A page without the right has to give SIGSEGV, wherever it is touched. */
void touch_without_right(void)
{
	for (uint32_t i = 0; i < 16; i++) {
		volatile uint32_t number = draw(model->pages);
		int prot = model->page[number].prot;
		bool writes = prot & PROT_READ;

		visit_page_now(draw(model->pages), "read between");
		if (prot & PROT_WRITE)
			continue;
		fault_at = NULL;
		if (!sigsetjmp(after_fault, 1)) {
			touch((void *)address_of(number), writes);
			printf("mmfuzz: WRONG at step %llu: page %u can be %s\n",
			       (unsigned long long)model->step, number,
			       writes ? "written" : "read");
			exit(1);
		}
		if (fault_at != address_of(number)) {
			printf("mmfuzz: WRONG at step %llu: page %u faults at %p\n",
			       (unsigned long long)model->step, number,
			       fault_at);
			exit(1);
		}
		visit_page_now(number, "read after SIGSEGV");
	}
}

/*
 * Alarms come while pages are visited, on any node. The program sets each of
 * them: the handler may take longer than the time to the next, and would be
 * called again before the program does anything.
 */
void be_interrupted(void)
{
	for (int i = 0; i < 4; i++) {
		ring_in(1 + draw(ALARM_US));
		visit();
	}
	ring_in(0);
}

static void live_as_child(void (*step)(void), int ready)
{
	model_become_private();
	close(ready);
	for (int i = 0; i < CHILD_STEPS; i++)
		step();
	visit_all();
	_exit(0);
}

/**
 * have_child - fork, and go on beside the child
 * @step: what the child does some times, with a model of its own
 */
void have_child(void (*step)(void))
{
	int ready[2], status;
	pid_t child;
	char byte;

	if (pipe2(ready, O_CLOEXEC))
		failed("pipe2");
	model->shared_is_read_only = true;
	child = fork();
	if (child < 0)
		failed("fork");
	if (!child)
		live_as_child(step, ready[1]);
	/* the model is the child's as it is now */
	close(ready[1]);
	if (read(ready[0], &byte, 1))
		failed("read");
	close(ready[0]);
	visit();
	visit();
	if (waitpid(child, &status, 0) != child)
		failed("waitpid");
	model->shared_is_read_only = false;
	if (!status)
		return;
	printf("mmfuzz: WRONG at step %llu: the child ended with %#x\n",
	       (unsigned long long)model->step, status);
	exit(1);
}
