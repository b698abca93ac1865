// SPDX-License-Identifier: GPL-2.0-only
/*
 * hasty: a timer that is quicker than the execution can travel.
 *
 *	hasty PAGES
 *
 * It rings each millisecond, and each time the process has to be at home. The
 * program gets on nevertheless: it reads PAGES pages, half of them elsewhere.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "away.h"
#include "trials.h"

#define PAGE    4096ul
#define TICK_US 1000

static volatile unsigned long alarms;

static void on_alarm(int number)
{
	(void)number;
	alarms++;
}

static void ring_each(suseconds_t us)
{
	struct itimerval timer = { { 0, us }, { 0, us } };

	if (setitimer(ITIMER_REAL, &timer, NULL)) {
		perror("setitimer");
		exit(2);
	}
}

int hasty_main(int argc, char **argv)
{
	size_t pages = argc > 1 ? strtoul(argv[1], NULL, 0) : 128, wrong = 0;
	struct sigaction action = { .sa_handler = on_alarm };
	volatile unsigned char *memory =
		mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || sigaction(SIGALRM, &action, NULL)) {
		perror("hasty");
		return 2;
	}
	for (size_t i = 0; i < pages; i++)
		memory[i * PAGE] = 1 + i % 255;
	until_away(memory, pages);
	ring_each(TICK_US);
	for (size_t i = 0; i < pages; i++)
		wrong += memory[i * PAGE] != 1 + i % 255;
	ring_each(0);
	printf("hasty: %zu wrong, %lu alarms\n", wrong, alarms);
	return wrong || !alarms;
}
