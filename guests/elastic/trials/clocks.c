// SPDX-License-Identifier: GPL-2.0-only
/*
 * clocks: what a process learns about the processor time that it has used,
 * when it computes on another node for most of the time.
 *
 *	clocks SECONDS
 *
 * For so long it computes without a system call, and compares all that tells
 * of processor time with the time that has passed. Then it waits for each kind
 * of timer of processor time, computing without a system call as well. It
 * prints what was wrong, and ends with 1 if anything was.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "counters.h"
#include "trials.h"

#define WAITING    10 /* as much as it computes, in all, at most */
#define TIMER_MS   300
#define PATIENCE_S 60

static volatile sig_atomic_t rung; /* the last signal */
static volatile unsigned long work;
static unsigned int wrong;

static void on_signal(int number)
{
	rung = number;
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static double used_by_rusage(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return use.ru_utime.tv_sec + use.ru_utime.tv_usec / 1e6 +
	       use.ru_stime.tv_sec + use.ru_stime.tv_usec / 1e6;
}

static double used_by_times(void)
{
	struct tms use;

	times(&use);
	return (double)(use.tms_utime + use.tms_stime) / sysconf(_SC_CLK_TCK);
}

static double used_by_stat(void)
{
	FILE *file = fopen("/proc/self/stat", "r");
	unsigned long user = 0, system = 0;

	if (!file ||
	    fscanf(file,
		   "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		   &user, &system) != 2)
		exit(2);
	fclose(file);
	return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

static double used_by_process_clock(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static double used_by_thread_clock(void)
{
	return seconds(CLOCK_THREAD_CPUTIME_ID);
}

static const struct {
	const char *name;
	double (*used)(void);
} meters[] = {
	{ "getrusage", used_by_rusage },
	{ "times", used_by_times },
	{ "/proc/self/stat", used_by_stat },
	{ "CLOCK_PROCESS_CPUTIME_ID", used_by_process_clock },
	{ "CLOCK_THREAD_CPUTIME_ID", used_by_thread_clock },
};

#define METERS (sizeof(meters) / sizeof(meters[0]))

/* Computes until a signal comes. */
static void compute(void)
{
	rung = 0;
	while (!rung)
		work++;
}

/*
 * It does nothing else meanwhile, but it may have to wait for a processor, also
 * one that the guest waits for.
 */
static void compare(const char *name, double used, double passed)
{
	printf("clocks: %.2f s by %s of %.2f s\n", used, name, passed);
	if (used > passed / WAITING && used < passed * 1.1 + 0.2)
		return;
	printf("clocks: %s is wrong\n", name);
	wrong++;
}

static void measure(int for_seconds)
{
	double before[METERS], begun = seconds(CLOCK_MONOTONIC), passed;

	for (size_t i = 0; i < METERS; i++)
		before[i] = meters[i].used();
	alarm(for_seconds);
	compute();
	passed = seconds(CLOCK_MONOTONIC) - begun;
	for (size_t i = 0; i < METERS; i++)
		compare(meters[i].name, meters[i].used() - before[i], passed);
}

static void set_virtual(void)
{
	struct itimerval timer = { .it_value.tv_usec = TIMER_MS * 1000 };

	setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

static void set_prof(void)
{
	struct itimerval timer = { .it_value.tv_usec = TIMER_MS * 1000 };

	setitimer(ITIMER_PROF, &timer, NULL);
}

static void set_process_timer(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR1 };
	struct itimerspec in = { .it_value.tv_nsec = TIMER_MS * 1000000 };
	timer_t timer;

	if (timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer) ||
	    timer_settime(timer, 0, &in, NULL))
		exit(2);
}

static void set_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_CPU, &limit);
	limit.rlim_cur = (rlim_t)used_by_process_clock() + 2;
	setrlimit(RLIMIT_CPU, &limit);
}

static const struct {
	const char *name;
	int signal;
	void (*set)(void);
} timers[] = {
	{ "ITIMER_VIRTUAL", SIGVTALRM, set_virtual },
	{ "ITIMER_PROF", SIGPROF, set_prof },
	{ "a timer of the process clock", SIGUSR1, set_process_timer },
	{ "RLIMIT_CPU", SIGXCPU, set_limit },
};

static void await_timers(void)
{
	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		alarm(PATIENCE_S);
		timers[i].set();
		compute();
		if (rung == timers[i].signal)
			continue;
		printf("clocks: nothing came of %s\n", timers[i].name);
		wrong++;
	}
}

int clocks_main(int argc, char **argv)
{
	static const int signals[] = { SIGALRM, SIGVTALRM, SIGPROF, SIGUSR1,
				       SIGXCPU };

	if (argc != 2)
		return 2;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], on_signal);
	/* and then it goes there at once */
	wait_for_nodes(1);
	measure(atoi(argv[1]));
	await_timers();
	printf("clocks: %u wrong\n", wrong);
	return wrong ? 1 : 0;
}
