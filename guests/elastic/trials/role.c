// SPDX-License-Identifier: GPL-2.0-only
/*
 * role: a member that says what is not its to say, or not its turn to.
 *
 *	role running	as node 1, to home, which runs the process
 *	role parked	as node 1, to home, which has sent it the execution
 *	role home	as home, to a shell, which does not run the process
 *	role other	as node 2, to a shell, which does not run the process
 *
 * Each message that is forbidden there is sent on a connection of its own. The
 * other end has to take the connection for lost because of that message: errno
 * 13 in its reason. So has a shell to tell home. JUMP is not forbidden to node
 * 1 when home is parked, but for its ticket. Ends with status 1 when it did
 * anything else with a message, and says with which.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elasticos_ioctl.h"
#include "speak.h"
#include "trials.h"

#define LEASE_MS 10000
#define COOKIE   0xf022 /* of begin_shell() */
#define ADDRESS  0x10000000UL
#define LOOKS    1000 /* for what has to become of a message */
#define LOOK_US  20000

static const char *const names[EOS_MESSAGES] = {
	[EOS_HELLO] = "HELLO",     [EOS_META] = "META",
	[EOS_DISCARD] = "DISCARD", [EOS_PULL] = "PULL",
	[EOS_PAGES] = "PAGES",     [EOS_PUSH] = "PUSH",
	[EOS_JUMP] = "JUMP",       [EOS_RECALL] = "RECALL",
	[EOS_SYNC] = "SYNC",       [EOS_SYNCED] = "SYNCED",
	[EOS_EXIT] = "EXIT",       [EOS_WANT] = "WANT",
	[EOS_LOST] = "LOST",
};

/* The body of the last message of home's. */
static uint8_t heard[1 << 20];
static uint32_t heard_length;

/* The execution comes back with all that it left with, but for the ticket. */
static uint32_t forge_jump(struct eos_wire_jump *jump)
{
	if (heard_length < sizeof(*jump))
		die("no jump");
	memcpy(jump, heard, heard_length);
	jump->epoch++;
	jump->ticket++;
	return heard_length;
}

/* A body that nothing else is wrong with. Returns its length. */
static uint32_t fill_body(uint8_t type, void *body)
{
	struct eos_wire_range *range = body;
	struct eos_wire_pages *pages = body;
	struct eos_wire_push *push = body;
	struct eos_wire_recall *recall = body;
	struct eos_wire_want *want = body;
	struct eos_wire_pull *pull = body;
	struct eos_wire_lost *lost = body;

	switch (type) {
	case EOS_HELLO:
		*(struct eos_wire_hello *)body = machine;
		return sizeof(machine);
	case EOS_DISCARD:
		*range = (struct eos_wire_range){ ADDRESS, ADDRESS + PAGE };
		return sizeof(*range);
	case EOS_PULL:
		*pull = (struct eos_wire_pull){ .address = ADDRESS,
						.count = 1 };
		return sizeof(*pull);
	case EOS_PAGES:
		*pages = (struct eos_wire_pages){ .address = ADDRESS };
		return sizeof(*pages);
	case EOS_PUSH:
		*push = (struct eos_wire_push){ .count = 1,
						.address = { ADDRESS },
						.kind = { EOS_KIND_KEPT } };
		return sizeof(*push);
	case EOS_JUMP:
		if (heard_length)
			return forge_jump(body);
		memset(body, 0, sizeof(struct eos_wire_jump));
		return sizeof(struct eos_wire_jump);
	case EOS_RECALL:
		*recall = (struct eos_wire_recall){ .away = 1 };
		return sizeof(*recall);
	case EOS_WANT:
		*want = (struct eos_wire_want){ 1, ADDRESS };
		return sizeof(*want);
	case EOS_LOST:
		*lost = (struct eos_wire_lost){ .node = 2, .error = EIO };
		return sizeof(*lost);
	default: /* META without a mapping is one */
		return 0;
	}
}

static void speak_out_of_turn(int fd, uint8_t type, uint32_t sequence)
{
	static uint8_t body[2 * PAGE];
	uint32_t length = fill_body(type, body);

	put_message(fd, type, body, length, sequence);
}

/* Returns what /proc/elasticos shows. */
static const char *counters(void)
{
	static char text[1 << 16];
	size_t length = 0;
	ssize_t n;
	int fd = open("/proc/elasticos", O_RDONLY | O_CLOEXEC);

	while ((n = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += n;
	close(fd);
	text[length] = '\0';
	return text;
}

/* Waits until a process that lives has lost node 1 for what it said. */
static bool loses_node(pid_t pid)
{
	char begin[40];

	snprintf(begin, sizeof(begin), "pid %d\n", (int)pid);
	for (int i = 0; i < LOOKS; i++) {
		const char *at = strstr(counters(), begin);
		const char *reason = at ? strstr(at, "\nreason ") : NULL;
		const char *end = at ? strstr(at, "\n\n") : NULL;

		if (reason && reason < end &&
		    strstr(reason, "reason node 1 is lost (-13), its pages") ==
			    reason + 1)
			return true;
		usleep(LOOK_US);
	}
	return false;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* Starts the request that stretches a process to the node that is us. */
static pid_t begin_stretch(pid_t victim, int fd, bool goes)
{
	struct eos_stretch stretch = {
		.pid = victim,
		.node = 1,
		.fd = fd,
		.timeout_ms = 10000,
		.budget = goes ? 0 : 1 << 16,
		.lease_ms = LEASE_MS,
		.policy = { goes ? EOS_MODE_MIGRATE : EOS_MODE_STICKY, 4, 1,
			    1 },
	};
	pid_t child = fork();

	if (child)
		return child;
	_exit(ioctl(open("/dev/elasticos", O_RDWR), EOS_IOC_STRETCH, &stretch) ?
		      errno :
		      0);
}

/* Is node 1 until home has said @last. Returns the next sequence number. */
static uint32_t be_node(int fd, uint8_t last)
{
	struct eos_header header = { 0 };
	uint32_t sequence = 1;

	if (!take_hello(fd))
		die("no greeting");
	put_hello(fd, 1, 0);
	while (header.type != last) {
		if (!take(fd, &header, sizeof(header)) ||
		    header.length > sizeof(heard) ||
		    (header.length && !take(fd, heard, header.length)))
			die("home");
		heard_length = header.length;
		if (header.type == EOS_SYNC)
			put_message(fd, EOS_SYNCED, NULL, 0, sequence++);
	}
	return sequence;
}

/* Home goes on without the node when it has the registers itself. */
static bool home_refuses(uint8_t type, bool away)
{
	pid_t victim = begin_victim(), asker;
	bool refused;
	int ends[2];

	connection(ends);
	asker = begin_stretch(victim, ends[0], away);
	close(ends[0]);
	speak_out_of_turn(ends[1], type,
			  be_node(ends[1], away ? EOS_JUMP : EOS_SYNC));
	if (away)
		refused = end_of(victim) == SIGKILL &&
			  strstr(counters(), "node 1 is lost (-13), and the");
	else
		refused = loses_node(victim);
	end(asker);
	if (!away || !refused)
		end(victim);
	close(ends[1]);
	return refused;
}

static bool running_home_refuses(uint8_t type)
{
	return home_refuses(type, false);
}

static bool parked_home_refuses(uint8_t type)
{
	return home_refuses(type, true);
}

/* A shell that has met its home, which is us: the first of two ends. */
static pid_t greeted_shell(int ends[2])
{
	pid_t shell;

	connection(ends);
	shell = begin_shell(ends, LEASE_MS);
	close(ends[1]);
	put_hello(ends[0], 0, 1);
	if (!take_hello(ends[0]))
		die("no greeting");
	return shell;
}

/* It refuses to meet an unknown machine, and says which one it expects. */
static void learn_machine(void)
{
	int ends[2];
	pid_t shell = greeted_shell(ends);

	close(ends[0]);
	waitpid(shell, NULL, 0);
}

static bool shell_refuses_home(uint8_t type)
{
	int ends[2];
	pid_t shell = greeted_shell(ends);
	bool refused;

	speak_out_of_turn(ends[0], type, 1);
	refused = end_of(shell) == SIGKILL;
	if (!refused)
		end(shell);
	close(ends[0]);
	return refused;
}

/* Joins another node, which is us too, to the shell. */
static int join(void)
{
	struct eos_join join = { .cookie = COOKIE, .node = 2 };
	int ends[2], device = open("/dev/elasticos", O_RDWR | O_CLOEXEC);

	connection(ends);
	join.fd = ends[1];
	if (ioctl(device, EOS_IOC_JOIN, &join))
		die("join");
	close(device);
	close(ends[1]);
	return ends[0];
}

/* It lives on, and tells home which node it has lost, and why. */
static bool shell_refuses_other(uint8_t type)
{
	struct eos_header header;
	struct eos_wire_lost lost;
	int ends[2];
	pid_t shell = greeted_shell(ends);
	int other = join();
	bool refused;

	speak_out_of_turn(other, type, 0);
	refused = take(ends[0], &header, sizeof(header)) &&
		  header.type == EOS_LOST &&
		  take(ends[0], &lost, sizeof(lost)) && lost.node == 2 &&
		  lost.error == EACCES;
	close(ends[0]);
	close(other);
	end(shell);
	return refused;
}

static const struct {
	const char *name;
	bool (*refuses)(uint8_t type);
	uint8_t forbidden[EOS_MESSAGES];
} parts[] = {
	{ "running",
	  running_home_refuses,
	  { EOS_HELLO, EOS_META, EOS_DISCARD, EOS_PULL, EOS_PAGES, EOS_PUSH,
	    EOS_JUMP, EOS_RECALL, EOS_SYNC, EOS_SYNCED, EOS_EXIT, EOS_WANT } },
	{ "parked",
	  parked_home_refuses,
	  { EOS_HELLO, EOS_META, EOS_DISCARD, EOS_PAGES, EOS_JUMP, EOS_RECALL,
	    EOS_SYNCED, EOS_EXIT, EOS_WANT } },
	{ "home",
	  shell_refuses_home,
	  { EOS_HELLO, EOS_PAGES, EOS_SYNCED, EOS_LOST } },
	{ "other",
	  shell_refuses_other,
	  { EOS_HELLO, EOS_META, EOS_DISCARD, EOS_PAGES, EOS_RECALL, EOS_SYNCED,
	    EOS_EXIT, EOS_WANT, EOS_LOST } },
};

static int try(bool (*refuses)(uint8_t type), const uint8_t *forbidden)
{
	int taken = 0, tried = 0;

	learn_machine();
	for (; *forbidden; forbidden++, tried++) {
		if (refuses(*forbidden))
			continue;
		printf("role: %s is not refused\n", names[*forbidden]);
		taken++;
	}
	printf("role: %d of %d refused\n", tried - taken, tried);
	return taken ? 1 : 0;
}

int role_main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; argc == 2 && i < sizeof(parts) / sizeof(parts[0]);
	     i++)
		if (!strcmp(argv[1], parts[i].name))
			return try(parts[i].refuses, parts[i].forbidden);
	fprintf(stderr, "usage: role running|parked|home|other\n");
	return 2;
}
