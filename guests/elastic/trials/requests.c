// SPDX-License-Identifier: GPL-2.0-only
/*
 * requests: asks the device for what it has to refuse, and at the wrong moment.
 *
 *	requests socket ROUNDS	one connection for two processes at once
 *	requests greeting	/proc/elasticos is read while a greeting fails
 *	requests reused		the pid is that of a process that is gone
 *	requests shell PID	stretch and hold what is a shell here
 *	requests stranger	what a user without privileges can see
 *
 * Ends with status 1 when an answer was wrong. What a kernel says of itself
 * meanwhile is for the console's reader.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elasticos_ioctl.h"
#include "speak.h"
#include "trials.h"

#define LEASE_MS        2000
#define TIMEOUT_MS      10000
#define ANNOUNCED_BYTES 20
#define SKEWS           50  /* of the later of two requests, tried in turn */
#define SKEW_STEP       200 /* turns of a loop */

static int device;

/* Computes for ever: it passes a return to user space at every tick. */
static pid_t begin_process(void)
{
	volatile unsigned long count = 0;
	pid_t child = fork();

	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		count++;
}

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Field 22 of /proc/PID/stat; the name before it has no bracket of its own. */
static uint64_t born(pid_t pid)
{
	unsigned long long ticks = 0;
	char path[40], *at, text[1024];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file || !fgets(text, sizeof(text), file))
		die(path);
	fclose(file);
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at || sscanf(at, "%llu", &ticks) != 1)
		die(path);
	return ticks;
}

static int stretch(pid_t pid, uint64_t when, int fd)
{
	struct eos_stretch stretch = {
		.born = when,
		.pid = pid,
		.node = 1,
		.fd = fd,
		.timeout_ms = TIMEOUT_MS,
		.lease_ms = LEASE_MS,
		.policy = { EOS_MODE_STICKY, 4, 1, 8 },
	};

	return ioctl(device, EOS_IOC_STRETCH, &stretch) ? errno : 0;
}

/* What one of two that begin together asks for, and the answer. */
struct asker {
	atomic_int *ready;    /* to begin; both spin until they are */
	atomic_int *answered; /* how many have been answered */
	unsigned long skew;
	pid_t pid;
	int fd;
	int error;
};

static void *ask(void *argument)
{
	struct asker *asker = argument;

	atomic_fetch_add(asker->ready, 1);
	while (atomic_load(asker->ready) < 2)
		;
	for (volatile unsigned long i = 0; i < asker->skew; i++)
		;
	asker->error = stretch(asker->pid, 0, asker->fd);
	atomic_fetch_add(asker->answered, 1);
	return NULL;
}

/*
 * Both ask for the connection at the same instant, or one a little later. The
 * other end sends some bytes, which the socket announces to whoever has it, and
 * hangs up when one of the two has been told that it is taken. Who got it hears
 * of a broken greeting then.
 */
static bool one_gets_it(const pid_t pids[2], unsigned long skew)
{
	struct asker askers[2];
	pthread_t threads[2];
	unsigned int taken = 0;
	atomic_int ready = 0, answered = 0;
	int ends[2];

	connection(ends);
	for (int i = 0; i < 2; i++) {
		askers[i] = (struct asker){ &ready,  &answered, i ? skew : 0,
					    pids[i], ends[0],   0 };
		if (pthread_create(&threads[i], NULL, ask, &askers[i]))
			die("pthread_create");
	}
	/* less than a header, so who got it waits for the rest */
	for (int ms = 0; ms < TIMEOUT_MS && !atomic_load(&answered); ms++) {
		if (ms < ANNOUNCED_BYTES)
			send(ends[1], "?", 1, MSG_NOSIGNAL);
		usleep(1000);
	}
	close(ends[1]);
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		taken += askers[i].error == EINVAL;
	}
	close(ends[0]);
	if (taken != 1)
		printf("requests: skew %lu, answers %d and %d\n", skew,
		       askers[0].error, askers[1].error);
	return taken == 1;
}

static int try_socket(unsigned long rounds)
{
	pid_t pids[2] = { begin_process(), begin_process() };
	unsigned long wrong = 0;

	for (unsigned long i = 0; i < rounds; i++)
		wrong += !one_gets_it(pids, i % SKEWS * SKEW_STEP);
	for (int i = 0; i < 2; i++)
		end_process(pids[i]);
	printf("requests: %lu of %lu connections had two owners\n", wrong,
	       rounds);
	return wrong ? 1 : 0;
}

/* Waits for the answer to a request that is under way. */
static int answer(pid_t child)
{
	int status;

	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/*
 * The other end lets the greeting wait, then spoils it. The reader comes in
 * between; a fault point (show HELLO 1 stall) has it look at the connection for
 * a second. What it shows of it then is what a new connection has: no room.
 */
static int try_greeting(void)
{
	static char text[65536];
	pid_t process = begin_process(), asker, spoiler;
	size_t length = 0;
	int ends[2], proc;
	bool right;
	ssize_t n;

	connection(ends);
	asker = fork();
	if (!asker)
		_exit(stretch(process, 0, ends[0]));
	usleep(200000);
	spoiler = fork();
	if (!spoiler) {
		usleep(300000);
		send(ends[1], "no greeting", 11, MSG_NOSIGNAL);
		shutdown(ends[1], SHUT_RDWR);
		_exit(0);
	}
	proc = open("/proc/elasticos", O_RDONLY | O_CLOEXEC);
	while ((n = read(proc, text + length, sizeof(text) - 1 - length)) > 0)
		length += n;
	close(proc);
	answer(spoiler);
	printf("requests: stretch %d\n", answer(asker));
	end_process(process);
	right = strstr(text, "\nlink_1 up\nroom_1 0\n");
	printf("requests: connection shown %s\n", right ? "whole" : "freed");
	if (!right)
		fputs(text, stdout);
	return right ? 0 : 1;
}

static int hold(pid_t pid, uint64_t when, uint32_t patience_ms)
{
	struct eos_hold hold = {
		.born = when,
		.pid = pid,
		.budget = 1024,
		.patience_ms = patience_ms,
		.lease_ms = LEASE_MS,
	};

	return ioctl(device, EOS_IOC_HOLD, &hold) ? errno : 0;
}

/* A process that began a tick later than the one that is meant. */
static int try_reused(void)
{
	pid_t process = begin_process();
	uint64_t gone = born(process) - 1;
	struct eos_contract contract = {
		.born = gone,
		.pid = process,
		.timeout_ms = TIMEOUT_MS,
	};
	int ends[2], stretched, held, contracted, known;

	connection(ends);
	held = hold(process, gone, 1000);
	stretched = stretch(process, gone, ends[0]);
	contracted = ioctl(device, EOS_IOC_CONTRACT, &contract) ? errno : 0;
	known = hold(process, gone + 1, 1000);
	end_process(process);
	printf("requests: stretch %d hold %d contract %d, and of itself hold %d\n",
	       stretched, held, contracted, known);
	if (stretched != ESRCH || held != ESRCH || contracted != ESRCH)
		return 1;
	return known ? 1 : 0;
}

static int try_stranger(void)
{
	static const char *const paths[] = { "/dev/elasticos",
					     "/proc/elasticos" };
	int status = 0;

	if (setgid(65534) || setuid(65534))
		die("setuid");
	for (int i = 0; i < 2; i++) {
		int fd = open(paths[i], O_RDONLY);
		int error = fd < 0 ? errno : 0;

		printf("requests: %s %d\n", paths[i], error);
		status |= error != EACCES;
	}
	return status;
}

static int try_shell(pid_t shell)
{
	int ends[2], stretched, held;

	connection(ends);
	stretched = stretch(shell, 0, ends[0]);
	held = hold(shell, 0, 1000);
	printf("requests: stretch %d hold %d\n", stretched, held);
	return stretched == EINVAL && held == EINVAL ? 0 : 1;
}

int requests_main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	device = open("/dev/elasticos", O_RDWR | O_CLOEXEC);
	if (device < 0)
		die("/dev/elasticos");
	if (argc == 3 && !strcmp(argv[1], "socket"))
		return try_socket(strtoul(argv[2], NULL, 0));
	if (argc == 3 && !strcmp(argv[1], "shell"))
		return try_shell(atoi(argv[2]));
	if (argc == 2 && !strcmp(argv[1], "greeting"))
		return try_greeting();
	if (argc == 2 && !strcmp(argv[1], "reused"))
		return try_reused();
	if (argc == 2 && !strcmp(argv[1], "stranger"))
		return try_stranger();
	fprintf(stderr,
		"usage: requests socket ROUNDS | greeting | reused | shell PID | stranger\n");
	return 2;
}
