// SPDX-License-Identifier: GPL-2.0-only
/*
 * pair: stretches a command over two or more nodes, for tests that want no
 * manager.
 *
 *	pair home PORT [OPTION]... -- COMMAND	at home; ends with the command
 *	pair shell HOME PORT NODE BUDGET [LOWER...]
 *						on another node; for ever
 *	pair policy PID [OPTION]...		at home; changes the policy
 *
 * LOWER are the addresses of the nodes with lower numbers. Options of home:
 * nodes=N mode=adaptive|threshold|sticky|migrate threshold=N window=N
 * target=NODE budget=PAGES delay=MS lease=MS, and what to do to the command,
 * after a time: signal=MS kill=MS contract=MS show=MS
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "elasticos_ioctl.h"
#include "trials.h"

/* A short one: tests wait for it when a node is lost. */
#define LEASE_MS 6000

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int open_device(void)
{
	int fd = open("/dev/elasticos", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("/dev/elasticos");
	return fd;
}

static int listen_at(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 8))
		die("listen");
	return fd;
}

static int dial(const char *address, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port) };
	int fd;

	inet_pton(AF_INET, address, &to.sin_addr);
	for (;;) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			die("socket");
		if (!connect(fd, (struct sockaddr *)&to, sizeof(to)))
			return fd;
		close(fd);
		usleep(100000);
	}
}

/* The cookie of a process is the port of its home. */
static void join(int cookie, uint8_t node, int fd)
{
	struct eos_join join = { .cookie = cookie, .node = node, .fd = fd };
	int device = open_device(), done = -1;

	/* the shell here may not have been adopted yet */
	for (int i = 0; i < 100 && done; i++) {
		done = ioctl(device, EOS_IOC_JOIN, &join);
		if (done)
			usleep(20000);
	}
	if (done)
		perror("pair: join");
	close(device);
}

/* Shells of higher numbers dial those of lower ones. */
static void serve_joins(int port)
{
	int listener = listen_at(port), fd;
	uint8_t node;

	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			die("accept");
		if (read(fd, &node, 1) == 1)
			join(port - 1, node, fd);
		close(fd);
	}
}

static void adopt(int cookie, uint8_t node, int fd, unsigned int budget)
{
	struct eos_adopt adopt = {
		.cookie = cookie,
		.node = node,
		.fd = fd,
		.budget = budget,
		.lease_ms = LEASE_MS,
	};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (ioctl(open_device(), EOS_IOC_ADOPT, &adopt))
		die("adopt");
	_exit(1); /* not reached: adopted */
}

static void __attribute__((noreturn)) shells(int argc, char **argv)
{
	int port = atoi(argv[3]), status;
	uint8_t node = atoi(argv[4]);

	signal(SIGPIPE, SIG_IGN);
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve_joins(port + 1);
	}
	for (;;) {
		int fd = dial(argv[2], port);
		pid_t child = fork();

		if (!child)
			adopt(port, node, fd, atoi(argv[5]));
		for (int i = 6; i < argc; i++) {
			int peer = dial(argv[i], port + 1);

			if (write(peer, &node, 1) != 1)
				perror("pair: node");
			join(port, i - 5, peer);
			close(peer);
		}
		/* it is joined to all others: home may begin */
		if (write(fd, &node, 1) != 1)
			perror("pair: home");
		close(fd);
		if (waitpid(child, &status, 0) < 0)
			die("waitpid");
		printf("pair: shell ended, status %x\n", status);
	}
}

static long option(char **argv, const char *name, long fallback)
{
	size_t length = strlen(name);

	for (; *argv && strcmp(*argv, "--"); argv++)
		if (!strncmp(*argv, name, length) && (*argv)[length] == '=')
			return strtol(*argv + length + 1, NULL, 0);
	return fallback;
}

static int policy_mode(char **argv)
{
	static const char *const names[] = { "mode=adaptive", "mode=threshold",
					     "mode=sticky", "mode=migrate" };

	for (; *argv && strcmp(*argv, "--"); argv++)
		for (int i = 0; i < EOS_MODES; i++)
			if (!strcmp(*argv, names[i]))
				return i;
	return EOS_MODE_ADAPTIVE;
}

static char **command(char **argv)
{
	while (*argv && strcmp(*argv, "--"))
		argv++;
	return *argv ? argv + 1 : argv;
}

static struct eos_policy policy(char **argv)
{
	return (struct eos_policy){
		.mode = policy_mode(argv),
		.threshold = option(argv, "threshold", 32),
		.target = option(argv, "target", 1),
		.window = option(argv, "window", 32),
	};
}

static void show(const char *path)
{
	char buffer[4096];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	while (fd >= 0 && (n = read(fd, buffer, sizeof(buffer))) > 0)
		if (write(1, buffer, n) < 0)
			break;
	if (fd >= 0)
		close(fd);
}

/* Lets a process run for a while. Returns whether it has ended. */
static bool ends_within(pid_t child, long ms, int *status)
{
	for (; ms > 0; ms -= 10) {
		if (waitpid(child, status, WNOHANG) == child)
			return true;
		usleep(10000);
	}
	return false;
}

/* Starts a command. Returns when it has been executed. */
static pid_t begin(char **argv)
{
	int gone[2];
	pid_t child;
	char byte;

	if (pipe2(gone, O_CLOEXEC))
		die("pipe");
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(argv[0], argv);
		die("exec");
	}
	close(gone[1]);
	if (read(gone[0], &byte, 1))
		die("read");
	close(gone[0]);
	return child;
}

/* Waits until every shell is ready; @peer has a connection for each node. */
static void accept_shells(int port, long nodes, int peer[EOS_NODES])
{
	int listener = listen_at(port);
	uint8_t node;

	for (long ready = 1; ready < nodes;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			die("accept");
		/* a shell that gave up before it was ready comes again */
		if (read(fd, &node, 1) != 1 || node >= EOS_NODES) {
			close(fd);
			continue;
		}
		peer[node] = fd;
		ready++;
	}
	/* shells that come again wait for the next `pair home` */
	close(listener);
}

static void stretch(char **argv, pid_t child, int node, int fd)
{
	struct eos_stretch stretch = {
		.pid = child,
		.node = node,
		.fd = fd,
		.timeout_ms = 60000,
		.budget = option(argv, "budget", 0),
		.lease_ms = option(argv, "lease", LEASE_MS),
		.policy = policy(argv),
	};
	int device = open_device();
	long long began = now_us();

	if (ioctl(device, EOS_IOC_STRETCH, &stretch))
		perror("pair: stretch");
	else
		printf("pair: %d stretched to node %d in %lld us\n", child,
		       node, now_us() - began);
	close(device);
	close(fd);
}

static void send_signal(pid_t child)
{
	kill(child, SIGUSR1);
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
}

static void contract(pid_t child)
{
	struct eos_contract contract = {
		.pid = child,
		.timeout_ms = 60000,
	};
	int device = open_device();
	long long began = now_us();

	if (ioctl(device, EOS_IOC_CONTRACT, &contract))
		perror("pair: contract");
	else
		printf("pair: %d contracted in %lld us\n", child,
		       now_us() - began);
	close(device);
}

static void show_sessions(pid_t child)
{
	(void)child;
	show("/proc/elasticos");
}

/* What is done to the command, in this order, each some time after the last. */
static const struct {
	const char *option;
	void (*act)(pid_t child);
} acts[] = {
	{ "signal", send_signal },
	{ "kill", end },
	{ "contract", contract },
	{ "show", show_sessions },
};

/* Returns whether the command has ended meanwhile. */
static bool act(char **argv, pid_t child, int *status)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++) {
		long after = option(argv, acts[i].option, 0);

		if (!after)
			continue;
		if (ends_within(child, after, status))
			return true;
		acts[i].act(child);
	}
	return false;
}

static int home(char **argv)
{
	int peer[EOS_NODES] = {}, status;
	pid_t child;

	accept_shells(atoi(argv[2]), option(argv, "nodes", 2), peer);
	child = begin(command(argv));
	usleep(option(argv, "delay", 20) * 1000);
	for (int node = 1; node < EOS_NODES; node++)
		if (peer[node])
			stretch(argv, child, node, peer[node]);
	if (!act(argv, child, &status) && waitpid(child, &status, 0) < 0)
		die("waitpid");
	printf("pair: ended, status %x\n", status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int change_policy(char **argv)
{
	struct eos_set_policy set = {
		.pid = atoi(argv[2]),
		.budget = option(argv, "budget", ~0U),
		.policy = policy(argv),
	};

	if (ioctl(open_device(), EOS_IOC_POLICY, &set))
		die("policy");
	return 0;
}

int pair_main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc >= 6 && !strcmp(argv[1], "shell"))
		shells(argc, argv);
	if (argc > 4 && !strcmp(argv[1], "home"))
		return home(argv);
	if (argc > 2 && !strcmp(argv[1], "policy"))
		return change_policy(argv);
	fprintf(stderr,
		"usage: pair shell HOME PORT NODE BUDGET [LOWER...] | pair home PORT OPTIONS -- CMD | pair policy PID OPTIONS\n");
	return 2;
}
