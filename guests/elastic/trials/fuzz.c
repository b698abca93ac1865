// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz: sends wrong messages to the kernel over connections that it trusts.
 *
 *	fuzz shell SEED ROUNDS		as the home of a shell here
 *	fuzz home SEED ROUNDS		as the only other node of a process here
 *	fuzz unlike WORD BIT		as one whose processor differs in a bit
 *
 * A round sends a valid greeting, then messages that are valid, wrong in one
 * field, cut short or noise, and closes the connection. The shell or the
 * process has to end soon after; when it does not, this program ends with
 * status 1. Whether the kernel took harm is seen on its console. A node that is
 * unlike has to be refused, and named on the console.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "elasticos_ioctl.h"
#include "speak.h"
#include "trials.h"
#include "wire.h"

#define LEASE_MS    2000
#define PATIENCE_MS 20000
#define MESSAGES    8            /* in a round, at most */
#define PLACE       0x10000000UL /* of the only mapping a shell gets */
#define PLACE_PAGES 16

static uint32_t unlike[EOS_CPU_WORDS]; /* in these bits a node differs */
static uint64_t state;

static uint32_t draw(uint32_t below)
{
	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(state >> 33) % below;
}

/* The length of a valid body of each type. */
static const uint32_t usual_length[EOS_MESSAGES] = {
	[EOS_HELLO] = sizeof(struct eos_wire_hello),
	[EOS_META] = 2 * sizeof(struct eos_wire_vma),
	[EOS_DISCARD] = sizeof(struct eos_wire_range),
	[EOS_PULL] = sizeof(struct eos_wire_pull),
	[EOS_PAGES] = sizeof(struct eos_wire_pages) + PAGE,
	[EOS_PUSH] = sizeof(struct eos_wire_push) + 2 * PAGE,
	[EOS_JUMP] = sizeof(struct eos_wire_jump) + 1024,
	[EOS_RECALL] = sizeof(struct eos_wire_recall),
	[EOS_WANT] = sizeof(struct eos_wire_want),
	[EOS_BEAT] = sizeof(struct eos_wire_beat),
	[EOS_LOST] = sizeof(struct eos_wire_lost),
};

static void make_pull(struct eos_wire_pull *pull, uint64_t page)
{
	*pull = (struct eos_wire_pull){
		.address = page,
		.count = draw(EOS_WINDOW_MAX + 2),
		.keep = draw(2),
	};
}

static void make_pages(struct eos_wire_pages *pages, uint64_t page)
{
	pages->address = page;
	pages->count = draw(3);
	pages->owner = draw(EOS_NODES + 1);
	memset(pages->kind, draw(6), sizeof(pages->kind));
}

static void make_push(struct eos_wire_push *push, uint64_t page)
{
	push->count = draw(8) ? 2 : draw(EOS_BATCH + 2);
	push->address[0] = page;
	push->address[1] = page + (draw(2) ? PAGE : 0);
	memset(push->kind, draw(4) ? EOS_KIND_PAGE : draw(6),
	       sizeof(push->kind));
}

/* A range to discard begins as a mapping does. */
static void make_range(struct eos_wire_vma *vma, uint64_t page)
{
	vma->start = draw(8) ? PLACE : page + draw(PAGE);
	vma->end = PLACE + PLACE_PAGES * PAGE;
}

static void make_mappings(struct eos_wire_vma *vma, uint64_t page)
{
	make_range(vma, page);
	vma[0].prot = draw(8) ? PROT_READ | PROT_WRITE : draw(16);
	vma[1].start = vma[0].end + draw(3) * PAGE;
	vma[1].end = vma[1].start + draw(3) * PAGE;
	vma[1].prot = PROT_READ;
}

/* Returns its length, which is shorter without the state of the FPU. */
static uint32_t make_jump(struct eos_wire_jump *jump, uint64_t page)
{
	jump->epoch = draw(4);
	jump->threshold = 1 + draw(2);
	jump->window = 1;
	jump->mode = draw(EOS_MODES + 1);
	jump->target = 0;
	jump->cpu_size = draw(4) ? 24 : draw(2048);
	jump->regs[15] = page;
	jump->regs[17] = page;
	return jump->cpu_size == 24 ? sizeof(*jump) + 24 :
				      usual_length[EOS_JUMP];
}

/* Makes a body that is mostly valid. Returns its length. */
static uint32_t make_body(uint8_t type, uint8_t *body)
{
	uint64_t page = PLACE + draw(PLACE_PAGES + 2) * PAGE;
	uint32_t length = type < EOS_MESSAGES ? usual_length[type] : draw(64);

	for (uint32_t i = 0; i < length; i++)
		body[i] = draw(4) ? 0 : draw(256);
	switch (type) {
	case EOS_PULL:
		make_pull((void *)body, page);
		break;
	case EOS_PAGES:
		make_pages((void *)body, page);
		break;
	case EOS_PUSH:
		make_push((void *)body, page);
		break;
	case EOS_META:
		make_mappings((void *)body, page);
		break;
	case EOS_DISCARD:
		make_range((void *)body, page);
		break;
	case EOS_JUMP:
		return make_jump((void *)body, page);
	}
	return length;
}

static void put_wrong(int fd, uint32_t *sequence)
{
	static uint8_t body[1 << 16];
	struct eos_header header;
	uint8_t type = draw(16) ? 1 + draw(EOS_MESSAGES - 1) : draw(256);
	uint32_t length = make_body(type, body);

	fill_header(&header, type, length, (*sequence)++);
	switch (draw(10)) {
	case 0:
		((uint8_t *)&header)[draw(sizeof(header))] ^= 1 << draw(8);
		break;
	case 1: /* wrong, and the checksum is right */
		((uint8_t *)&header)[draw(28)] ^= 1 << draw(8);
		header.crc = checksum(&header, 28);
		break;
	case 2:
		header.length = draw(2) ? draw(1 << 22) : ~draw(64);
		header.crc = checksum(&header, 28);
		break;
	case 3: /* noise */
		for (size_t i = 0; i < sizeof(header); i++)
			((uint8_t *)&header)[i] = draw(256);
		break;
	case 4: /* cut short */
		length = length ? draw(length) : 0;
		break;
	case 5:
		if (length)
			body[draw(length)] ^= 1 << draw(8);
		break;
	default:
		break;
	}
	put(fd, &header, sizeof(header));
	if (length)
		put(fd, body, length);
}

/* Waits until a child has ended. */
static void await(pid_t child, const char *what)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	int status;

	for (int ms = 0; ms < PATIENCE_MS; ms++) {
		if (waitpid(child, &status, WNOHANG) == child)
			return;
		nanosleep(&pause, NULL);
	}
	printf("fuzz: %s %d hangs\n", what, child);
	exit(1);
}

static void round_of_shell(void)
{
	uint32_t sequence = 1;
	int ends[2];
	pid_t child;

	connection(ends);
	child = begin_shell(ends, LEASE_MS);
	close(ends[1]);
	put_hello(ends[0], 0, 1);
	if (take_hello(ends[0]) && draw(8)) {
		struct eos_wire_vma vma = {
			.start = PLACE,
			.end = PLACE + PLACE_PAGES * PAGE,
			.prot = PROT_READ | PROT_WRITE,
		};

		put_message(ends[0], EOS_META, &vma, sizeof(vma), sequence++);
		for (uint32_t i = draw(MESSAGES); i; i--)
			put_wrong(ends[0], &sequence);
	}
	close(ends[0]);
	await(child, "shell");
}

/* Starts the other node: it greets home, and answers it with wrong messages. */
static pid_t begin_node(int fd)
{
	struct eos_header header;
	uint32_t sequence = 1;
	static uint8_t body[1 << 20];
	pid_t child = fork();

	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (take_hello(fd)) {
		for (int i = 0; i < EOS_CPU_WORDS; i++)
			machine.processor.word[i] ^= unlike[i];
		put_hello(fd, 1, 0);
	}
	while (take(fd, &header, sizeof(header)) &&
	       header.length <= sizeof(body) &&
	       (!header.length || take(fd, body, header.length))) {
		if (header.type == EOS_SYNC)
			put_message(fd, EOS_SYNCED, NULL, 0, sequence++);
		else if (header.type == EOS_PULL || header.type == EOS_JUMP ||
			 !draw(64))
			put_wrong(fd, &sequence);
		if (sequence > 1 + MESSAGES)
			break;
	}
	_exit(0);
}

/* Returns what the kernel said to the stretch: 0 or an errno. */
static int round_of_home(void)
{
	struct eos_stretch stretch = {
		.node = 1,
		.timeout_ms = PATIENCE_MS,
		.budget = 32,
		.lease_ms = LEASE_MS,
		.policy = { draw(2) ? EOS_MODE_THRESHOLD : EOS_MODE_STICKY, 4,
			    1, 8 },
	};
	int ends[2], device = open("/dev/elasticos", O_RDWR | O_CLOEXEC);
	pid_t victim = begin_victim(), node;
	int error = 0;

	connection(ends);
	node = begin_node(ends[1]);
	close(ends[1]);
	stretch.pid = victim;
	stretch.fd = ends[0];
	if (ioctl(device, EOS_IOC_STRETCH, &stretch))
		error = errno;
	close(ends[0]);
	close(device);
	await(node, "node");
	/* it may live until it misses a page; that is not waited for */
	kill(victim, SIGKILL);
	await(victim, "process");
	return error;
}

static void fuzz_home(void)
{
	int error = round_of_home();

	if (error && error != EPROTO)
		printf("fuzz: stretch: %s\n", strerror(error));
}

static int try_unlike(uint32_t word, uint32_t bit)
{
	int error;

	if (word >= EOS_CPU_WORDS || bit > 31)
		return 2;
	unlike[word] = 1U << bit;
	error = round_of_home();
	printf("fuzz: unlike: %s\n", error ? strerror(error) : "accepted");
	return error != EMEDIUMTYPE;
}

int fuzz_main(int argc, char **argv)
{
	bool shell = argc == 4 && !strcmp(argv[1], "shell");
	uint32_t rounds;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 4 && !strcmp(argv[1], "unlike"))
		return try_unlike(atoi(argv[2]), atoi(argv[3]));
	if (argc != 4 || (!shell && strcmp(argv[1], "home"))) {
		fprintf(stderr,
			"usage: fuzz shell|home SEED ROUNDS | unlike WORD BIT\n");
		return 2;
	}
	state = strtoull(argv[2], NULL, 0);
	rounds = strtoul(argv[3], NULL, 0);
	/* the first shell refuses the greeting, and sends the one it expects */
	round_of_shell();
	for (uint32_t i = 0; i < rounds; i++)
		(shell ? round_of_shell : fuzz_home)();
	printf("fuzz: %u rounds\n", rounds);
	return 0;
}
