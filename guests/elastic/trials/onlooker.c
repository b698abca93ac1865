// SPDX-License-Identifier: GPL-2.0-only
/*
 * onlooker: looks at another process in all the ways that there are.
 *
 *	onlooker hold PAGES SECONDS	be looked at: prints "hold PID ADDRESS"
 *	onlooker storm PID ADDRESS PAGES SECONDS SEED
 *					readers that are killed at any moment
 *	onlooker trace PID ADDRESS PAGES
 *					attach, peek, poke, step, detach
 *	onlooker pin PAGES ROUNDS	be a process with pages in a pipe
 *	onlooker self PAGES ROUNDS	look at oneself: what does mincore say?
 *
 * hold computes over PAGES pages, each of whose words is a function of its
 * place, and says at the end how many it found wrong. It makes no system call
 * meanwhile, so that it stays where its pages are. SIGTERM ends it before its
 * time, and SIGBUS with 3. storm and trace are told
 * what it printed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "away.h"
#include "trials.h"

#define PAGE  4096ul
#define WORDS (PAGE / 8)

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static uint64_t word(uint64_t i)
{
	return i * 0x9e3779b97f4a7c15 + 1;
}

static uint64_t *area(size_t pages)
{
	uint64_t *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	for (size_t i = 0; i < pages * WORDS; i++)
		p[i] = word(i);
	return p;
}

static volatile sig_atomic_t over;

static void on_end(int number)
{
	(void)number;
	over = 1;
}

/* A page is gone, and the program is still there to be told. */
static void on_bus(int number)
{
	static const char told[] = "hold: a page is lost\n";

	(void)number;
	if (write(1, told, sizeof(told) - 1) < 0)
		_exit(4);
	_exit(3);
}

static int hold(size_t pages, int seconds)
{
	volatile uint64_t *p = area(pages);
	uint64_t wrong = 0, visits = 0;

	signal(SIGALRM, on_end);
	signal(SIGTERM, on_end);
	signal(SIGBUS, on_bus);
	printf("hold %d %p\n", getpid(), (void *)p);
	alarm(seconds);
	while (!over) {
		for (size_t i = 0; i < pages * WORDS && !over; i += 16) {
			wrong += p[i] != word(i);
			/* it has to be looked at where it was written */
			p[i] = word(i);
			visits++;
		}
	}
	printf("hold: %llu wrong, %s\n", (unsigned long long)wrong,
	       visits > pages ? "busy" : "idle");
	return wrong != 0;
}

/* A file of /proc about the process, to its end. */
static void read_all(const char *name, int pid)
{
	char path[64], buffer[4096];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY);
	while (fd >= 0 && read(fd, buffer, sizeof(buffer)) > 0)
		;
	if (fd >= 0)
		close(fd);
}

static uint64_t *there;
static size_t there_pages;

/* Pages of the process itself, through a descriptor. */
static void read_words(const char *name, int pid, bool entries)
{
	static uint64_t buffer[16 * WORDS];
	size_t first = random() % there_pages;
	size_t bytes = entries ? 8 : PAGE, i;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	for (i = first; i < there_pages; i++)
		if (pread(fd, buffer, bytes,
			  ((uint64_t)there / PAGE + i) * bytes) < 0)
			break;
	close(fd);
}

static void look_cmdline(int pid)
{
	read_all("cmdline", pid);
	read_all("environ", pid);
}

static void look_maps(int pid)
{
	read_all("maps", pid);
	read_all("smaps", pid);
	read_words("pagemap", pid, true);
}

static void look_mem(int pid)
{
	read_words("mem", pid, false);
}

/* Reads 16 pages at once, then writes what it has read to where it was. */
static void look_vm(int pid)
{
	static uint64_t buffer[16 * WORDS];
	size_t first = random() % (there_pages - 16);
	struct iovec here = { buffer, sizeof(buffer) };
	struct iovec far = { there + first * WORDS, sizeof(buffer) };

	for (int i = 0; i < 64; i++) {
		if (syscall(310, pid, &here, 1, &far, 1, 0) !=
		    (long)sizeof(buffer))
			break;
		syscall(311, pid, &here, 1, &far, 1, 0);
	}
}

static void look_trace(int pid)
{
	int status;

	if (ptrace(PTRACE_ATTACH, pid, 0, 0))
		return;
	waitpid(pid, &status, __WALL);
	for (int i = 0; i < 64; i++) {
		size_t at = random() % (there_pages * WORDS);

		ptrace(PTRACE_PEEKDATA, pid, there + at, 0);
	}
	ptrace(PTRACE_DETACH, pid, 0, 0);
}

static void (*const looks[])(int pid) = {
	look_cmdline, look_maps, look_mem, look_vm, look_trace,
};

#define LOOKS (sizeof(looks) / sizeof(*looks))

static int storm(int pid, int seconds, unsigned int seed)
{
	unsigned long killed[LOOKS] = {}, ended = 0;
	time_t end = time(NULL) + seconds;

	while (time(NULL) < end) {
		unsigned int look = rand_r(&seed) % LOOKS;
		pid_t child = fork();
		int status;

		if (child < 0)
			die("fork");
		if (!child) {
			srandom(rand_r(&seed));
			for (;;)
				looks[look](pid);
		}
		usleep(rand_r(&seed) % 40000);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		/* a tracer's last word may have been to stop */
		if (looks[look] == look_trace)
			kill(pid, SIGCONT);
		if (WIFSIGNALED(status))
			killed[look]++;
		else
			ended++;
	}
	printf("storm: killed");
	for (unsigned int i = 0; i < LOOKS; i++)
		printf(" %lu", killed[i]);
	printf(", ended %lu, the process %s\n", ended,
	       kill(pid, 0) ? "is gone" : "lives");
	return kill(pid, 0) != 0;
}

static unsigned long wrong;

static void expect(bool right, const char *what)
{
	if (right)
		return;
	wrong++;
	printf("trace: wrong: %s (%s)\n", what, strerror(errno));
}

/* Waits until the process stops. Returns the signal that stopped it, or 0. */
static int stopped(int pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		return 0;
	return WSTOPSIG(status);
}

static void peek_all(int pid)
{
	for (size_t i = 0; i < there_pages; i++) {
		size_t at = i * WORDS + i % (WORDS / 16) * 16;

		errno = 0;
		expect(ptrace(PTRACE_PEEKDATA, pid, there + at, 0) ==
				       (long)word(at) &&
			       !errno,
		       "peek");
	}
}

/* A poke of another value is seen by a peek, and undone. */
static void poke_some(int pid)
{
	for (size_t i = 1; i < there_pages; i += 7) {
		uint64_t *at = there + i * WORDS + 1;

		expect(!ptrace(PTRACE_POKEDATA, pid, at, ~(uint64_t)at),
		       "poke");
		errno = 0;
		expect(ptrace(PTRACE_PEEKDATA, pid, at, 0) ==
				       (long)~(uint64_t)at &&
			       !errno,
		       "peek of what was poked");
		expect(!ptrace(PTRACE_POKEDATA, pid, at, word(i * WORDS + 1)),
		       "poke back");
	}
}

/* Steps through its loop; it stays here though it touches pages elsewhere. */
static void step(int pid, int steps)
{
	struct user_regs_struct regs, last = {};
	int moved = 0;

	for (int i = 0; i < steps; i++) {
		expect(!ptrace(PTRACE_GETREGS, pid, 0, &regs), "registers");
		expect(!ptrace(PTRACE_SINGLESTEP, pid, 0, 0), "step");
		expect(stopped(pid) == SIGTRAP, "stop after a step");
		moved += regs.rip != last.rip;
		last = regs;
	}
	expect(moved > steps / 2, "moving on");
}

/* Lets it run for a while, many times: each stop is an attach in small. */
static void interrupt(int pid, int times)
{
	for (int i = 0; i < times; i++) {
		expect(!ptrace(PTRACE_CONT, pid, 0, 0), "go on");
		usleep(20000);
		kill(pid, SIGSTOP);
		expect(stopped(pid) == SIGSTOP, "stop");
	}
}

/* As strace does it; Linux 2.6.38 does not know it. */
static bool seize(int pid)
{
	if (ptrace(0x4206 /* PTRACE_SEIZE */, pid, 0, 0))
		return false;
	usleep(50000);
	expect(!ptrace(0x4207 /* PTRACE_INTERRUPT */, pid, 0, 0), "interrupt");
	expect(stopped(pid) == SIGTRAP, "stop after an interrupt");
	peek_all(pid);
	expect(!ptrace(PTRACE_DETACH, pid, 0, 0), "detach");
	return true;
}

static int trace(int pid)
{
	bool seized = false;

	for (int round = 0; round < 2; round++) {
		expect(!ptrace(PTRACE_ATTACH, pid, 0, 0), "attach");
		expect(stopped(pid) == SIGSTOP, "stop after an attach");
		peek_all(pid);
		poke_some(pid);
		step(pid, 200);
		interrupt(pid, 10);
		expect(!ptrace(PTRACE_DETACH, pid, 0, 0), "detach");
		usleep(300000);
		seized = seize(pid);
		usleep(300000);
	}
	printf("trace: %lu wrong%s\n", wrong, seized ? ", seized" : "");
	return wrong != 0;
}

/*
 * Some pages lie in a pipe, hence cannot leave home, and are touched while the
 * execution is where the others are.
 */
static int pin(size_t pages, int rounds)
{
	volatile uint64_t *p = area(pages);
	uint64_t bad = 0;
	char *back = malloc(4 * PAGE);
	int fd[2];

	if (pipe(fd))
		die("pipe");
	until_away(p, pages);
	for (int r = 0; r < rounds; r++) {
		size_t first = (r * 31 + 5) % (pages - 4);
		struct iovec four = { (void *)(p + first * WORDS), 4 * PAGE };

		if (vmsplice(fd[1], &four, 1, 0) != (long)(4 * PAGE))
			die("vmsplice");
		for (size_t i = 0; i < pages * WORDS; i += 16)
			bad += p[i] != word(i);
		if (read(fd[0], back, 4 * PAGE) != (long)(4 * PAGE))
			die("read");
		bad += memcmp(back, (void *)(p + first * WORDS), 4 * PAGE) != 0;
	}
	printf("pin: %llu wrong\n", (unsigned long long)bad);
	return bad != 0;
}

/* How many of its own pages a process is told are resident. */
static int self(size_t pages, int rounds)
{
	volatile uint64_t *p = area(pages);
	uint64_t bad = 0;

	until_away(p, pages);
	for (int r = 0; r < rounds; r++)
		for (size_t i = 0; i < pages * WORDS; i += 16)
			bad += p[i] != word(i);
	printf("self: %zu resident, %llu wrong\n", pages - pages_away(p, pages),
	       (unsigned long long)bad);
	return bad != 0;
}

int onlooker_main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(what, "hold"))
		return hold(atol(argv[2]), atoi(argv[3]));
	if (!strcmp(what, "pin"))
		return pin(atol(argv[2]), atoi(argv[3]));
	if (!strcmp(what, "self"))
		return self(atol(argv[2]), atoi(argv[3]));
	if (argc > 4) {
		there = (uint64_t *)strtoul(argv[3], NULL, 0);
		there_pages = atol(argv[4]);
	}
	if (argc == 7 && !strcmp(what, "storm"))
		return storm(atoi(argv[2]), atoi(argv[5]), atoi(argv[6]));
	if (argc == 5 && !strcmp(what, "trace"))
		return trace(atoi(argv[2]));
	fprintf(stderr,
		"usage: onlooker hold PAGES SECONDS | pin PAGES ROUNDS | self PAGES ROUNDS | storm PID ADDRESS PAGES SECONDS SEED | trace PID ADDRESS PAGES\n");
	return 2;
}
