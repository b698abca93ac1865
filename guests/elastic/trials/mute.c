// SPDX-License-Identifier: GPL-2.0-only
/*
 * mute: a node whose kernel is alive, and whose task is not.
 *
 *	mute CASE LEASE_MS
 *
 * This program is the other node. It greets, does what the process asks, and at
 * one point says nothing more. Its kernel goes on acknowledging. CASE is
 *
 *	question	it does not answer a PULL
 *	execution	it takes the execution and is not heard of again
 *	byte		it is home, and sends a shell one byte of a message
 *	work		it answers the first PULL after two leases, and beats
 *	run		it takes the execution and beats
 *
 * It prints how the other end has ended, and how long after the last word:
 * "mute: CASE: signal N after N ms". In the last two cases nothing should have
 * ended; then it prints "mute: CASE: alive after N ms".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "elasticos_ioctl.h"
#include "speak.h"
#include "trials.h"

#define LEASES 10 /* that are waited for an end, at most */

static unsigned int lease_ms;
static const char *what;

static bool is(const char *name)
{
	return !strcmp(what, name);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

static void sleep_ms(unsigned int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

/* Waits for an end, and tells of it. */
static void tell(pid_t child, long since, unsigned int leases)
{
	int status;

	while (now_ms() - since < (long)(leases * lease_ms)) {
		if (waitpid(child, &status, WNOHANG) == child) {
			printf("mute: %s: signal %d after %ld ms\n", what,
			       WTERMSIG(status), now_ms() - since);
			return;
		}
		sleep_ms(5);
	}
	printf("mute: %s: alive after %ld ms\n", what, now_ms() - since);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
}

static void beat_for(int fd, unsigned int leases, uint32_t *sequence)
{
	static const struct eos_wire_beat beat;

	for (unsigned int i = 0; i < leases * 4; i++) {
		put_message(fd, EOS_BEAT, &beat, sizeof(beat), (*sequence)++);
		sleep_ms(lease_ms / 4);
	}
}

/* Every page is all zeroes here, and is sent, as only that counts as a pull. */
static void answer(int fd, const struct eos_wire_pull *pull, uint32_t *sequence)
{
	static struct {
		struct eos_wire_pages pages;
		uint8_t content[PAGE];
	} body;

	body.pages.address = pull->address;
	body.pages.count = 1;
	body.pages.kind[0] = EOS_KIND_PAGE;
	put_message(fd, EOS_PAGES, &body, sizeof(body), (*sequence)++);
}

/* Does what a message asks for. Returns whether that was the last word. */
static bool serve(int fd, uint8_t type, const void *body, uint32_t *sequence)
{
	static bool worked;

	switch (type) {
	case EOS_SYNC:
		put_message(fd, EOS_SYNCED, NULL, 0, (*sequence)++);
		return false;
	case EOS_PULL:
		if (is("question"))
			return true;
		if (is("work") && !worked)
			beat_for(fd, 2, sequence);
		worked = true;
		answer(fd, body, sequence);
		return false;
	case EOS_JUMP:
		return true;
	default:
		return false;
	}
}

/* The other node, until its last word. It goes on being there. */
static void __attribute__((noreturn)) be_node(int fd, int last_word)
{
	static uint8_t body[1 << 20];
	struct eos_header header;
	uint32_t sequence = 1;
	bool last = false;
	long now;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (take_hello(fd))
		put_hello(fd, 1, 0);
	while (!last && take(fd, &header, sizeof(header)) &&
	       header.length <= sizeof(body) &&
	       (!header.length || take(fd, body, header.length)))
		last = serve(fd, header.type, body, &sequence);
	now = now_ms();
	if (write(last_word, &now, sizeof(now)) != sizeof(now))
		die("write");
	if (is("run"))
		beat_for(fd, LEASES, &sequence);
	for (;;)
		pause();
}

static void try_process(void)
{
	struct eos_stretch stretch = {
		.node = 1,
		.timeout_ms = 10000,
		.budget = 32,
		.lease_ms = lease_ms,
		.policy = { .mode = is("question") || is("work") ?
					    EOS_MODE_STICKY :
					    EOS_MODE_THRESHOLD,
			    .threshold = 4,
			    .target = 1,
			    .window = 1 },
	};
	int ends[2], last_word[2], device = open("/dev/elasticos", O_RDWR);
	pid_t victim = begin_victim(), node;
	struct pollfd ready = { .events = POLLIN };
	long since = now_ms();

	connection(ends);
	if (pipe(last_word))
		die("pipe");
	node = fork();
	if (!node)
		be_node(ends[1], last_word[1]);
	close(ends[1]);
	stretch.pid = victim;
	stretch.fd = ends[0];
	if (ioctl(device, EOS_IOC_STRETCH, &stretch))
		die("stretch");
	close(ends[0]);
	ready.fd = last_word[0];
	/* one that answers late has no last word */
	if (poll(&ready, 1, is("work") ? 3 * lease_ms : 10000) == 1) {
		if (read(last_word[0], &since, sizeof(since)) != sizeof(since))
			die("read");
	} else if (!is("work")) {
		die("no last word");
	}
	tell(victim, since, is("work") || is("run") ? 3 : LEASES);
	kill(node, SIGKILL);
	waitpid(node, NULL, 0);
}

static void try_shell(void)
{
	uint32_t magic = EOS_MAGIC;
	int ends[2];
	pid_t shell;

	/* it refuses this greeting, and says which one it expects */
	connection(ends);
	shell = begin_shell(ends, lease_ms);
	close(ends[1]);
	put_hello(ends[0], 0, 1);
	take_hello(ends[0]);
	close(ends[0]);
	waitpid(shell, NULL, 0);

	connection(ends);
	shell = begin_shell(ends, lease_ms);
	close(ends[1]);
	put_hello(ends[0], 0, 1);
	if (!take_hello(ends[0]))
		die("no greeting");
	put(ends[0], &magic, 1);
	tell(shell, now_ms(), LEASES);
	close(ends[0]);
}

int mute_main(int argc, char **argv)
{
	if (argc != 3 || atoi(argv[2]) < 1000) {
		fprintf(stderr,
			"usage: mute question|execution|byte|work|run LEASE_MS\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	what = argv[1];
	lease_ms = atoi(argv[2]);
	if (is("byte"))
		try_shell();
	else
		try_process();
	return 0;
}
