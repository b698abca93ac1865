// SPDX-License-Identifier: GPL-2.0-only
/*
 * elastic trace: the kernel's trace events of stretched processes, a line each.
 *
 *	nanoseconds pid node what address peer pages [NAME=VALUE]...
 *
 * The events are those of events/elasticos in tracefs, which trace-cmd, perf
 * and bpftrace can read as well. They are switched on as long as this program
 * runs: on 6.1 in a buffer of its own, on 2.6.38 in the only one there is.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "trace.h"

/* Both lines have it there: on 6.1 debugfs mounts tracefs itself. */
#define TRACEFS "/sys/kernel/debug/tracing"
/* The kernel gives a page of text by one read at most. */
#define BUFFER_BYTES 65536
#define PATH_BYTES   128
#define PAUSE_NS     100000000

/* A buffer of the kernel's, and whether it was made for us. */
struct tracing {
	char folder[64];
	bool ours;
	int pipe;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static int complain(int error)
{
	fprintf(stderr,
		"elastic: " TRACEFS
		"/events/elasticos: %s; is the module loaded?\n",
		strerror(error));
	return EX_UNAVAILABLE;
}

static int open_below(const struct tracing *tracing, const char *file,
		      int flags)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", tracing->folder, file);
	return open(path, flags | O_CLOEXEC);
}

/* Switches the events on or off; -errno when they are not there. */
static int enable(const struct tracing *tracing, bool on)
{
	int fd = open_below(tracing, "events/elasticos/enable", O_WRONLY);
	int ret = 0;

	if (fd < 0 || write(fd, on ? "1" : "0", 1) != 1)
		ret = -errno;
	if (fd >= 0)
		close(fd);
	return ret;
}

/* 6.1 makes a buffer where a folder is made; 2.6.38 has one: it is emptied. */
static void choose_buffer(struct tracing *tracing)
{
	int fd;

	snprintf(tracing->folder, sizeof(tracing->folder),
		 TRACEFS "/instances/elastic-%d", getpid());
	tracing->ours = !mkdir(tracing->folder, 0700);
	if (tracing->ours)
		return;
	strcpy(tracing->folder, TRACEFS);
	fd = open_below(tracing, "trace", O_WRONLY | O_TRUNC);
	if (fd >= 0)
		close(fd);
}

static int open_tracing(struct tracing *tracing)
{
	choose_buffer(tracing);
	tracing->pipe =
		open_below(tracing, "trace_pipe", O_RDONLY | O_NONBLOCK);
	return tracing->pipe < 0 ? -errno : 0;
}

static void close_tracing(struct tracing *tracing)
{
	enable(tracing, false);
	if (tracing->pipe >= 0)
		close(tracing->pipe);
	if (tracing->ours)
		rmdir(tracing->folder);
}

/* The value, if @word is NAME=VALUE of that name. */
static const char *value_of(const char *word, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(word, name, length) && word[length] == '=' ?
		       word + length + 1 :
		       NULL;
}

/* Fields that have a column; the others follow as the kernel says them. */
enum column { PID, NODE, ADDRESS, PEER, PAGES, COLUMNS };

static const char *const columns[COLUMNS] = {
	[PID] = "pid",   [NODE] = "node",   [ADDRESS] = "address",
	[PEER] = "peer", [PAGES] = "pages",
};

struct line {
	const char *column[COLUMNS];
	const char *kind, *by;
	char rest[1024];
};

static void take_word(struct line *line, const char *word)
{
	size_t used = strlen(line->rest);

	for (int i = 0; i < COLUMNS; i++) {
		if (value_of(word, columns[i])) {
			line->column[i] = value_of(word, columns[i]);
			return;
		}
	}
	if (value_of(word, "kind"))
		line->kind = value_of(word, "kind");
	if (value_of(word, "by"))
		line->by = value_of(word, "by");
	snprintf(line->rest + used, sizeof(line->rest) - used, " %s", word);
}

/* The word for an event: a pull by what it brought, a jump by its reason. */
static const char *what(const char *event, const struct line *line)
{
	if (!strcmp(event, "pull") &&
	    (!strcmp(line->kind, "zero") || !strcmp(line->kind, "copy")))
		return line->kind;
	if (!strcmp(event, "jump_leave"))
		return strcmp(line->by, "need") ? "jump" : "forced";
	return strcmp(event, "jump_arrive") ? event : "arrive";
}

/* Translates "... SECONDS.MICROSECONDS: eos_EVENT: NAME=VALUE ...". */
static void translate(char *text)
{
	struct line line = {
		.column = { "0", "0", "0", "0", "0" },
		.kind = "",
		.by = "",
	};
	char *event = strstr(text, ": eos_"), *stamp, *words, *word;
	unsigned long long seconds, microseconds;
	unsigned long lost;

	if (sscanf(text, "CPU:%*d [LOST %lu EVENTS]", &lost) == 1)
		printf("lost %lu\n", lost);
	if (!event)
		return;
	*event = '\0';
	stamp = strrchr(text, ' ');
	event += strlen(": eos_");
	words = strstr(event, ": ");
	if (!stamp || !words ||
	    sscanf(stamp, "%llu.%6llu", &seconds, &microseconds) != 2)
		return;
	*words = '\0';
	words += strlen(": ");
	while ((word = strsep(&words, " ")))
		take_word(&line, word);
	if (!strncmp(line.column[ADDRESS], "0x", 2))
		line.column[ADDRESS] += 2;
	printf("%llu %s %s %s %s %s %s%s\n",
	       seconds * 1000000000 + microseconds * 1000, line.column[PID],
	       line.column[NODE], what(event, &line), line.column[ADDRESS],
	       line.column[PEER], line.column[PAGES], line.rest);
}

/* Translates all whole lines, and returns how many bytes are left over. */
static size_t translate_all(char *buffer, size_t size)
{
	char *at = buffer, *end;

	while ((end = memchr(at, '\n', size - (size_t)(at - buffer)))) {
		*end = '\0';
		translate(at);
		at = end + 1;
	}
	size -= (size_t)(at - buffer);
	memmove(buffer, at, size);
	return size;
}

/* What there is now. Returns whether more may come. */
static bool drain(const struct tracing *tracing)
{
	static char buffer[BUFFER_BYTES];
	static size_t left;
	ssize_t got;

	do {
		got = read(tracing->pipe, buffer + left, sizeof(buffer) - left);
		if (got > 0)
			left = translate_all(buffer, left + (size_t)got);
		/* no line of ours is as long as that */
		if (left == sizeof(buffer))
			left = 0;
	} while (got > 0);
	return !fflush(stdout) &&
	       (got == 0 || errno == EAGAIN || errno == EINTR);
}

static bool is_there(const struct tracing *tracing)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/events/elasticos", tracing->folder);
	return !access(path, F_OK);
}

/* Prints events until a signal comes or the module goes. Returns a status. */
int trace_events(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	struct sigaction action = { .sa_handler = stop };
	struct tracing tracing = { .pipe = -1 };
	bool more = true;
	int ret;

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
	ret = open_tracing(&tracing);
	if (!ret)
		ret = enable(&tracing, true);
	if (ret) {
		close_tracing(&tracing);
		return complain(-ret);
	}
	while (!stopped && more && is_there(&tracing)) {
		more = drain(&tracing);
		nanosleep(&pause, NULL);
	}
	drain(&tracing);
	close_tracing(&tracing);
	return EX_OK;
}
