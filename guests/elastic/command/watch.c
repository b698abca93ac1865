// SPDX-License-Identifier: GPL-2.0-only
/*
 * elastic watch: what `elastic ps` says and where pages are, again and again, a
 * JSON object a line:
 *
 *	{"at":MS,"costMicroseconds":N,"processes":[...]}
 *
 * "at" is a clock of this machine. The cost is the processor time of the reading
 * before, the manager's included. In the long run both together take no more
 * than one part in SHARE of a processor, 0.4 %: what was not used is kept as a
 * credit, up to CREDIT, and what was used too much is waited for.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "map.h"
#include "show.h"
#include "watch.h"

#define SHARE        250
#define CREDIT_NS    20000000

#define NS_OF_MS     1000000
#define NS_OF_SECOND 1000000000

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now))
		return 0;
	return (int64_t)now.tv_sec * NS_OF_SECOND + now.tv_nsec;
}

/* Processor time of this program and of the manager. */
static int64_t spent_ns(pid_t manager)
{
	clockid_t clock;
	int64_t spent = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	if (manager && !clock_getcpuclockid(manager, &clock))
		spent += clock_ns(clock);
	return spent;
}

static int device(void)
{
	static int fd = -1;

	/* the module may come later */
	if (fd < 0)
		fd = open("/dev/elasticos", O_RDWR | O_CLOEXEC);
	return fd;
}

static void print_reading(int64_t cost_ns, const struct control_reply *reply)
{
	printf("{\"at\":%lld,\"costMicroseconds\":%lld,\"processes\":[",
	       (long long)(clock_ns(CLOCK_MONOTONIC) / NS_OF_MS),
	       (long long)(cost_ns / 1000));
	for (uint32_t i = 0; reply && i < reply->count && i < CONTROL_ROWS;
	     i++) {
		const struct control_process *row = &reply->rows.process[i];

		printf(i ? ",{" : "{");
		show_members(row);
		map_print(device(), row->pid);
		putchar('}');
	}
	puts("]}");
}

static int64_t since(int64_t began)
{
	return clock_ns(CLOCK_MONOTONIC) - began;
}

static void pause_for(int64_t ns)
{
	const struct timespec pause = { ns / NS_OF_SECOND, ns % NS_OF_SECOND };

	if (ns > 0)
		nanosleep(&pause, NULL);
}

static int64_t shorter(int64_t one, int64_t other)
{
	return one < other ? one : other;
}

static int64_t longer(int64_t one, int64_t other)
{
	return one > other ? one : other;
}

/**
 * watch - print readings until nobody reads them
 * @every_ms: from one to the next at least
 *
 * Return: an exit status.
 */
int watch(uint32_t every_ms)
{
	static struct control_reply reply;
	struct control_request request = { .verb = VERB_PS };
	pid_t manager = 0;
	int64_t cost = 0, credit = CREDIT_NS;

	for (;;) {
		/* a manager that has just come counts from the next time on */
		const pid_t known = manager;
		const int64_t began = clock_ns(CLOCK_MONOTONIC);
		const int64_t before = spent_ns(known);

		print_reading(cost,
			      ask(&request, &reply, &manager) ? NULL : &reply);
		if (fflush(stdout))
			return EX_IOERR;
		cost = longer(spent_ns(known) - before, 0);
		credit -= cost;
		pause_for(longer((int64_t)every_ms * NS_OF_MS - since(began),
				 -credit * SHARE));
		credit = shorter(credit + since(began) / SHARE, CREDIT_NS);
	}
}
