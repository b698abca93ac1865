// SPDX-License-Identifier: GPL-2.0-only
/*
 * tamper: sits between the two kernels of a process, and changes what passes.
 *
 *	tamper plain		changes nothing, on a plain connection
 *	tamper sealed		changes nothing
 *	tamper flip TO		flips a bit of a record on its way to TO
 *	tamper length TO	says that it is shorter
 *	tamper replay TO	sends it twice
 *	tamper swap TO		sends it after the next
 *	tamper drop TO		leaves it out
 *	tamper only TO		seals the end at TO, and not the other
 *	tamper alike		seals both directions with one key
 *
 * TO is home or shell; both are on this node. The record is one in the midst
 * of a message of several. Of a connection that it leaves alone this program
 * tells how often it has seen what the process writes: never when it is
 * sealed, often when it is plain. Ends that do not agree never begin: the
 * request fails, the process lives, and the shell dies. One key is refused.
 * Otherwise both ends have to die. Ends with status 1 when it was not so.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elasticos_ioctl.h"
#include "speak.h"
#include "trials.h"

#define LEASE_MS 10000
#define PAGES    512
#define BUDGET   128 /* at home */
#define LENT     448
#define WHICH    3         /* of the full records: the one to be changed */
#define ENOUGH   (4 << 20) /* bytes, of a connection that is left alone */

static const char marker[16] = "what is written";

/* One direction: bytes that have come and have not been sent on yet. */
struct way {
	const char *to;
	int in;
	int out;
	size_t held; /* of the record that the next overtakes */
	size_t size;
	unsigned int full; /* records that another of their message follows */
	uint8_t data[1 << 16];
	uint8_t late[1 << 15];
};

static const struct eos_keys of_home = { .out = "1", .in = "2" };
static const struct eos_keys of_shell = { .out = "2", .in = "1" };
static const struct eos_keys alike = { .out = "1", .in = "1" };

static const char *how, *whom;
static bool sealed;
static unsigned long seen, passed;

static bool is(const char *name)
{
	return !strcmp(how, name);
}

/* Writes to one page after the other, for ever. */
static pid_t begin_writer(void)
{
	pid_t child = fork();
	char *memory;

	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (uint32_t i = 0;; i++) {
		char *page = memory + i % PAGES * PAGE;

		memcpy(page, marker, sizeof(marker));
		page[PAGE / 2]++;
	}
}

static pid_t begin_stretch(pid_t writer, int fd, const struct eos_keys *keys)
{
	struct eos_stretch stretch = {
		.keys = (uintptr_t)keys,
		.pid = writer,
		.node = 1,
		.fd = fd,
		.timeout_ms = 10000,
		.budget = BUDGET,
		.lease_ms = LEASE_MS,
		.policy = { EOS_MODE_THRESHOLD, 64, 1, 32 },
	};
	pid_t child = fork();

	if (child)
		return child;
	_exit(ioctl(open("/dev/elasticos", O_RDWR), EOS_IOC_STRETCH, &stretch) ?
		      errno :
		      0);
}

static void look_for_marker(const uint8_t *data, size_t size)
{
	const uint8_t *end = data + size, *at = data;

	while ((at = memmem(at, end - at, marker, sizeof(marker)))) {
		seen++;
		at += sizeof(marker);
	}
	passed += size;
}

static void pass_record(struct way *way, uint8_t *record, size_t size)
{
	bool meant = whom && !strcmp(way->to, whom);
	bool full = size == sizeof(struct eos_wire_record) + EOS_RECORD_MOST +
				    EOS_TAG_BYTES;

	if (way->held) {
		put(way->out, record, size);
		put(way->out, way->late, way->held);
		way->held = 0;
		return;
	}
	way->full += full;
	if (!meant || !full || way->full != WHICH) {
		put(way->out, record, size);
		return;
	}
	if (is("drop"))
		return;
	if (is("swap")) {
		memcpy(way->late, record, size);
		way->held = size;
		return;
	}
	if (is("flip"))
		record[size / 2] ^= 4;
	if (is("length"))
		record[0] ^= 64;
	put(way->out, record, size);
	if (is("replay"))
		put(way->out, record, size);
}

/* Sends on all records that have come whole. */
static void pass_records(struct way *way)
{
	struct eos_wire_record header;
	size_t at = 0, size;

	while (way->size - at >= sizeof(header)) {
		memcpy(&header, way->data + at, sizeof(header));
		size = sizeof(header) + header.length + EOS_TAG_BYTES;
		if (way->size - at < size)
			break;
		pass_record(way, way->data + at, size);
		at += size;
	}
	way->size -= at;
	memmove(way->data, way->data + at, way->size);
}

/* Returns whether there will be more. */
static bool pass(struct way *way)
{
	uint8_t *at = way->data + way->size;
	ssize_t got = recv(way->in, at, sizeof(way->data) - way->size, 0);

	if (got <= 0)
		return false;
	look_for_marker(at, got);
	way->size += got;
	if (sealed) {
		pass_records(way);
	} else {
		put(way->out, way->data, way->size);
		way->size = 0;
	}
	return true;
}

static void relay(struct way ways[2])
{
	struct pollfd ready[2] = {
		{ .fd = ways[0].in, .events = POLLIN },
		{ .fd = ways[1].in, .events = POLLIN },
	};
	bool open = true;

	while (open && (whom || passed < ENOUGH) &&
	       poll(ready, 2, 2 * LEASE_MS) > 0)
		for (int i = 0; i < 2 && open; i++)
			if (ready[i].revents)
				open = pass(&ways[i]);
}

static int tell_of_change(pid_t writer, pid_t shell)
{
	int process = end_of(writer), other = end_of(shell);

	printf("tamper: %s to %s: process signal %d, shell signal %d\n", how,
	       whom, process, other);
	return process && other ? 0 : 1;
}

static int tell_of_peace(pid_t writer, pid_t shell)
{
	bool alive = !waitpid(writer, NULL, WNOHANG) &&
		     !waitpid(shell, NULL, WNOHANG);

	printf("tamper: %s: %s, seen %lu times\n", how,
	       alive && passed >= ENOUGH ? "both are alive" : "ended", seen);
	return alive && passed >= ENOUGH && !seen == sealed ? 0 : 1;
}

static pid_t begin_member(const int ends[2], const struct eos_keys *keys)
{
	struct eos_adopt adopt = {
		.keys = (uintptr_t)keys,
		.node = 1,
		.fd = ends[1],
		.budget = LENT,
		.lease_ms = LEASE_MS,
	};

	return begin_adopted(ends, &adopt);
}

static void end_all(const pid_t children[3])
{
	for (int i = 0; i < 3; i++)
		if (children[i] > 0)
			kill(children[i], SIGKILL);
	while (wait(NULL) > 0)
		;
}

/* Sits between the two ends. */
static int try_between(void)
{
	static struct way ways[2];
	pid_t writer = begin_writer(), shell, asker;
	int home[2], other[2], status;

	/* a shell keeps what it has open, hence it comes first */
	connection(other);
	shell = begin_member(other, sealed ? &of_shell : NULL);
	close(other[1]);
	connection(home);
	asker = begin_stretch(writer, home[1], sealed ? &of_home : NULL);
	close(home[1]);
	ways[0].to = "shell";
	ways[0].in = ways[1].out = home[0];
	ways[1].to = "home";
	ways[1].in = ways[0].out = other[0];
	relay(ways);
	status = whom ? 0 : tell_of_peace(writer, shell);
	close(home[0]);
	close(other[0]);
	if (whom)
		status = tell_of_change(writer, shell);
	end_all((const pid_t[]){ asker, writer, shell });
	return status;
}

/* Returns the errno of a request to stretch, or 0. */
static int error_of(pid_t asker)
{
	int status;

	if (waitpid(asker, &status, 0) != asker || !WIFEXITED(status))
		return 0;
	return WEXITSTATUS(status);
}

/* The two ends are joined, and do not agree. */
static int try_only(void)
{
	bool home = !strcmp(whom, "home");
	pid_t writer = begin_writer(), shell;
	int ends[2], error, other;
	bool alive;

	connection(ends);
	shell = begin_member(ends, home ? NULL : &of_shell);
	close(ends[1]);
	error = error_of(
		begin_stretch(writer, ends[0], home ? &of_home : NULL));
	close(ends[0]);
	other = end_of(shell);
	alive = !waitpid(writer, NULL, WNOHANG);
	printf("tamper: only %s: errno %d, the process %s, shell signal %d\n",
	       whom, error, alive ? "lives" : "has died", other);
	end_all((const pid_t[]){ writer, 0, 0 });
	return error && alive && other ? 0 : 1;
}

static int try_alike(void)
{
	pid_t writer = begin_writer();
	int ends[2], error;

	connection(ends);
	error = error_of(begin_stretch(writer, ends[0], &alike));
	printf("tamper: alike: errno %d\n", error);
	end_all((const pid_t[]){ writer, 0, 0 });
	return error == EINVAL ? 0 : 1;
}

static int try(void)
{
	if (is("only"))
		return try_only();
	return is("alike") ? try_alike() : try_between();
}

int tamper_main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	how = argc > 1 ? argv[1] : "";
	whom = argc > 2 ? argv[2] : NULL;
	sealed = !is("plain");
	if ((argc == 2 && (is("plain") || is("sealed") || is("alike"))) ||
	    (argc == 3 && (!strcmp(whom, "home") || !strcmp(whom, "shell"))))
		return try();
	fprintf(stderr,
		"usage: tamper plain | sealed | alike | flip|length|replay|swap|drop|only home|shell\n");
	return 2;
}
