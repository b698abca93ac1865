// SPDX-License-Identifier: GPL-2.0-only
/*
 * elasticd: the ElasticOS manager of a node. It is one loop, which waits in
 * poll(2) and nowhere else. Workers do what takes time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "book.h"
#include "deadline.h"
#include "guest.h"
#include "kernel.h"
#include "manager.h"
#include "reports.h"
#include "requests.h"
#include "size.h"
#include "strangers.h"
#include "watch.h"

#define KEY_FILE   "/etc/elastic/key"
#define HOSTS_FILE "/etc/hosts"
#define PID_FILE   CONTROL_PLACE "/elasticd.pid"
#define LOG_FILE   CONTROL_PLACE "/log"

#define SHELL_PORT 9999
#define PAGE_PORT  8022
#define LEASE_MS   10000

static const char usage[] =
	"usage: elasticd --address ADDRESS [OPTION]...\n"
	"\n"
	"The manager of a node: stretches processes of this node to others when they\n"
	"outgrow it, and lends this node's memory to others' processes.\n"
	"\n"
	"  --address ADDRESS    this node's IPv4 address, one of /etc/hosts\n"
	"  --shell-port PORT    where other managers call; 9999 when not given\n"
	"  --page-port PORT     where other nodes of a process are met; 8022\n"
	"  --lend SIZE          most memory to lend, K, M and G understood; what is free\n"
	"  --lease SECONDS      silence after which another node is lost; 10\n"
	"  --wire KIND          plain, or sealed: kernels encrypt and authenticate what\n"
	"                       they say to each other; plain\n"
	"  --key FILE           secret of the testbed; /etc/elastic/key\n"
	"  --hosts FILE         the nodes; /etc/hosts\n"
	"  --foreground         stay, and log to standard output instead of\n"
	"                       /run/elastic/log\n"
	"  --help               print this\n"
	"\n"
	"Goes to the background when it can be reached. Exit status: 0, or 64 for a\n"
	"wrong command line, 69 without the kernel module, 71 for what the system\n"
	"refuses, 75 when there is a manager already, 78 for a bad key or hosts file.\n";

struct command_line {
	const char *key;
	const char *hosts;
	bool foreground;
};

static void __attribute__((noreturn))
fail(int status, const char *what, const char *why)
{
	fprintf(stderr, "elasticd: %s: %s\n", what, why);
	exit(status);
}

static long number(const char *name, const char *text, long least, long most)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value < least || value > most)
		fail(EX_USAGE, name, text);
	return value;
}

enum {
	OPTION_ADDRESS = 256,
	OPTION_SHELL_PORT,
	OPTION_PAGE_PORT,
	OPTION_LEND,
	OPTION_LEASE,
	OPTION_WIRE,
	OPTION_KEY,
	OPTION_HOSTS,
	OPTION_FOREGROUND,
	OPTION_HELP,
};

static const struct option options[] = {
	{ "address", required_argument, NULL, OPTION_ADDRESS },
	{ "shell-port", required_argument, NULL, OPTION_SHELL_PORT },
	{ "page-port", required_argument, NULL, OPTION_PAGE_PORT },
	{ "lend", required_argument, NULL, OPTION_LEND },
	{ "lease", required_argument, NULL, OPTION_LEASE },
	{ "wire", required_argument, NULL, OPTION_WIRE },
	{ "key", required_argument, NULL, OPTION_KEY },
	{ "hosts", required_argument, NULL, OPTION_HOSTS },
	{ "foreground", no_argument, NULL, OPTION_FOREGROUND },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static void take_option(int option, struct settings *settings,
			struct command_line *line)
{
	switch (option) {
	case OPTION_ADDRESS:
		if (host_address(optarg, &settings->address))
			fail(EX_USAGE, "--address", optarg);
		break;
	case OPTION_SHELL_PORT:
		settings->shell_port =
			(uint16_t)number("--shell-port", optarg, 1, 65535);
		break;
	case OPTION_PAGE_PORT:
		settings->page_port =
			(uint16_t)number("--page-port", optarg, 1, 65535);
		break;
	case OPTION_LEND:
		if (size_parse(optarg, &settings->lend))
			fail(EX_USAGE, "--lend", optarg);
		break;
	case OPTION_LEASE:
		settings->lease_ms =
			(uint32_t)number("--lease", optarg, 1, 600) * 1000;
		break;
	case OPTION_WIRE:
		settings->sealed = !strcmp(optarg, "sealed");
		if (!settings->sealed && strcmp(optarg, "plain"))
			fail(EX_USAGE, "--wire", optarg);
		break;
	case OPTION_KEY:
		line->key = optarg;
		break;
	case OPTION_HOSTS:
		line->hosts = optarg;
		break;
	case OPTION_FOREGROUND:
		line->foreground = true;
		break;
	case OPTION_HELP:
		fputs(usage, stdout);
		exit(EX_OK);
	default:
		fputs("elasticd: try --help\n", stderr);
		exit(EX_USAGE);
	}
}

static void read_command_line(int argc, char **argv, struct settings *settings,
			      struct command_line *line)
{
	int option;

	*settings = (struct settings){
		.shell_port = SHELL_PORT,
		.page_port = PAGE_PORT,
		.lease_ms = LEASE_MS,
	};
	*line = (struct command_line){ .key = KEY_FILE, .hosts = HOSTS_FILE };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take_option(option, settings, line);
	if (optind < argc)
		fail(EX_USAGE, argv[optind], "not understood");
	if (!settings->address)
		fail(EX_USAGE, "--address", "missing");
}

static void read_hosts(struct manager *manager, const char *path)
{
	struct host hosts[HOSTS_MOST];
	int count = hosts_read(path, hosts);
	bool found = false;

	if (count < 0)
		fail(EX_CONFIG, path, strerror(-count));
	for (int i = 0; i < count; i++) {
		manager->peers[i].host = hosts[i];
		manager->peers[i].self = hosts[i].address ==
					 manager->settings.address;
		found = found || manager->peers[i].self;
	}
	manager->peer_count = count;
	if (!found)
		fail(EX_CONFIG, path, "this node's address is not there");
}

static int listen_for_commands(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX,
				  .sun_path = CONTROL_SOCKET };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);
	mode_t mask = umask(077);

	unlink(CONTROL_SOCKET);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(fd, 16))
		fail(EX_OSERR, CONTROL_SOCKET, strerror(errno));
	umask(mask);
	return fd;
}

static int listen_on(struct manager *manager, uint16_t port)
{
	int fd = stream_listen(
		(struct endpoint){ manager->settings.address, port });
	char text[16];

	snprintf(text, sizeof(text), "port %u", port);
	if (fd < 0)
		fail(EX_OSERR, text, strerror(-fd));
	return fd;
}

/* One manager a node: the lock lasts as long as the process. */
static int lock_place(void)
{
	int fd;

	if (mkdir(CONTROL_PLACE, 0700) && errno != EEXIST)
		fail(EX_OSERR, CONTROL_PLACE, strerror(errno));
	fd = open(PID_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		fail(EX_OSERR, PID_FILE, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB))
		fail(EX_TEMPFAIL, PID_FILE, "there is a manager already");
	return fd;
}

static void write_pid(int fd, pid_t pid)
{
	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", (int)pid) < 0)
		fail(EX_OSERR, PID_FILE, strerror(errno));
}

static void log_to_file(void)
{
	int log = open(LOG_FILE, O_WRONLY | O_CREAT | O_APPEND, 0600);
	int none = open("/dev/null", O_RDONLY);

	if (log < 0 || none < 0)
		fail(EX_OSERR, LOG_FILE, strerror(errno));
	dup2(none, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	close(none);
	close(log);
}

/*
 * All sockets listen by now: elasticd can be called when its parent ends. Who
 * called that parent may ask for the pid at once, so it is written before.
 */
static void go_to_background(const struct manager *manager)
{
	pid_t child = fork();

	if (child < 0)
		fail(EX_OSERR, "fork", strerror(errno));
	if (child > 0) {
		write_pid(manager->lock, child);
		_exit(EX_OK);
	}
	setsid();
	log_to_file();
}

static void start(struct manager *manager, const struct command_line *line)
{
	int ret;

	if (!kernel_has_elasticos())
		fail(EX_UNAVAILABLE, "/dev/elasticos",
		     kernel_complaint(ENOENT));
	ret = key_read(line->key, &manager->settings.key);
	if (ret)
		fail(EX_CONFIG, line->key, strerror(-ret));
	read_hosts(manager, line->hosts);
	manager->lock = lock_place();
	manager->shell_listener =
		listen_on(manager, manager->settings.shell_port);
	manager->page_listener =
		listen_on(manager, manager->settings.page_port);
	manager->control_listener = listen_for_commands();
	if (line->foreground)
		write_pid(manager->lock, getpid());
	else
		go_to_background(manager);
	/* the kernel reaps workers; their channels tell that they end */
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

static void welcome(struct manager *manager, int listener, bool for_pages)
{
	struct guest guest = { .manager = manager, .for_pages = for_pages };
	struct worker *in_the_way, *worker;
	struct endpoint caller = { 0 };

	guest.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (guest.fd < 0)
		return;
	stream_other_end(guest.fd, &caller);
	in_the_way = stranger_in_the_way(manager, caller.address);
	if (in_the_way)
		report_dismiss(in_the_way);
	worker = worker_begin(manager, WORK_GUEST, guest_serve, &guest);
	if (worker)
		worker->caller = caller.address;
	close(guest.fd);
}

static void take_request(struct manager *manager)
{
	int client =
		accept4(manager->control_listener, NULL, NULL, SOCK_CLOEXEC);

	if (client >= 0)
		request_serve(manager, client);
}

#define LISTENERS 3

/* Everybody waits in the queue while there is no place for a worker more. */
static void want_listeners(const struct manager *manager,
			   struct pollfd polls[LISTENERS])
{
	short events = worker_places(manager) > 0 ? POLLIN : 0;

	polls[0] = (struct pollfd){ .fd = manager->shell_listener,
				    .events = events };
	polls[1] = (struct pollfd){ .fd = manager->page_listener,
				    .events = events };
	polls[2] = (struct pollfd){ .fd = manager->control_listener,
				    .events = events };
}

static void turn(struct manager *manager)
{
	struct pollfd polls[LISTENERS + WORKERS_MOST];
	struct worker *owner[LISTENERS + WORKERS_MOST];
	nfds_t count = LISTENERS;
	int64_t next = watch(manager);

	want_listeners(manager, polls);
	for (int i = 0; i < WORKERS_MOST; i++) {
		if (!manager->workers[i].pid)
			continue;
		owner[count] = &manager->workers[i];
		polls[count].fd = manager->workers[i].channel.fd;
		polls[count++].events = POLLIN;
	}
	if (poll(polls, count, next < 0 ? -1 : ms_until(next)) <= 0)
		return;
	for (nfds_t i = LISTENERS; i < count; i++)
		if (polls[i].revents)
			report_take(manager, owner[i]);
	if (polls[0].revents)
		welcome(manager, manager->shell_listener, false);
	if (polls[1].revents)
		welcome(manager, manager->page_listener, true);
	if (polls[2].revents)
		take_request(manager);
}

int main(int argc, char **argv)
{
	static struct manager manager;
	struct command_line line;

	read_command_line(argc, argv, &manager.settings, &line);
	start(&manager, &line);
	note("elasticd: %d nodes, ports %u and %u", manager.peer_count,
	     manager.settings.shell_port, manager.settings.page_port);
	book_open(&manager);
	for (;;) {
		book_keep(&manager);
		turn(&manager);
	}
}
