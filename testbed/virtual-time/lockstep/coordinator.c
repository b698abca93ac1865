// SPDX-License-Identifier: MIT
/*
 * Lets several guests share one virtual clock, and is the network between them.
 * Conservative parallel simulation, in rounds: when every guest stands still,
 * it is known how long each of them can run without a frame from another one
 * reaching it; that long it is let run, side by side with the others.
 *
 * A round depends on what the guests did, never on when their answers came in:
 * rounds, and everything that is said on standard output, are the same on every
 * machine.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "complain.h"
#include "guest.h"
#include "network.h"
#include "report.h"
#include "settings.h"
#include "wire.h"

#define MILLISECOND INT64_C(1000000)

/*
 * A guest that nobody can reach comes back all the same, so that there is news
 * of it.
 */
#define LONGEST_GRANT (100 * MILLISECOND)

#define NEWS_MS       1000

static struct settings settings;
static struct network network;
static struct guest guests[MAX_PORTS + 1];
static struct guest newcomer = { .descriptor = -1,
				 .first_arrival = NEVER,
				 .next = NEVER };
static struct queue records;
static uint64_t rounds;
/* No guest does anything before it unless it has been said already. */
static int64_t horizon;

void complain(const char *format, ...)
{
	va_list arguments;

	fputs("coordinator: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* NEVER stays what it is. */
static int64_t later(int64_t time, int64_t by)
{
	return time > NEVER - by ? NEVER : time + by;
}

/*
 * Before this instant the guest does nothing of its own accord, nor for a frame
 * that it gets.
 */
static int64_t next_of(const struct guest *guest)
{
	return guest->state == GONE ? NEVER :
				      least(guest->next, guest->first_arrival);
}

static int64_t next_but(uint32_t port)
{
	int64_t next = NEVER;

	for (uint32_t other = 1; other <= network.ports; other++) {
		if (other != port)
			next = least(next, next_of(&guests[other]));
	}
	return next;
}

static int64_t first_record(void)
{
	const struct event *record = first(&records);

	return record ? record->time : NEVER;
}

static void take_place(struct event *record)
{
	switch (record->kind) {
	case MSG_FRAME:
		capture(record);
		frame_sent(&network, record);
		break;
	case MSG_CONSOLE:
		say_output(record, "console", &network);
		break;
	case MSG_REPORT:
		say_output(record, "report", &network);
		break;
	}
	free(record);
}

static int64_t find_horizon(void)
{
	int64_t soonest = least(next_but(0), earliest_underway(&network));

	/* What the next record's frame brings about. */
	return least(soonest, later(first_record(), network.latency));
}

/*
 * Lets everything take place, in order, that nothing can come before any more.
 */
static void settle(void)
{
	struct event *frame;

	for (;;) {
		horizon = find_horizon();
		if (first_record() < horizon) {
			take_place(take_first(&records));
			continue;
		}
		frame = next_arrival(&network, horizon);
		if (!frame)
			return;
		hand_over(&guests[frame->kind], frame);
	}
}

static void lose(struct guest *guest, const char *why)
{
	say_left(guest->time, guest->port, why);
	network.gone[guest->port] = true;
	dismiss(guest);
}

static void crash_whose_time_has_come(void)
{
	for (uint32_t port = 1; port <= network.ports; port++) {
		struct guest *guest = &guests[port];

		if (guest->state != STOPPED ||
		    guest->time < settings.crash_at[port])
			continue;
		say_crashed(guest->time, port);
		network.gone[port] = true;
		dismiss(guest);
	}
}

/*
 * Up to this instant the guest can run without anything reaching it that it
 * does not know of.
 */
static int64_t reach_of(const struct guest *guest)
{
	/*
	 * What has not happened yet is a link away; what is underway may be
	 * about to arrive here.
	 */
	int64_t others = later(least(next_but(guest->port), first_record()),
			       settings.quantum);

	return least(others, earliest_underway(&network));
}

/*
 * A guest that would do nothing is left alone until it has something to do:
 * each grant wakes a process.
 */
static bool is_idle_until(const struct guest *guest, int64_t reach)
{
	return next_of(guest) >= reach &&
	       settings.crash_at[guest->port] >= reach &&
	       settings.pause_at[guest->port] >= reach;
}

static int64_t end_of_grant(const struct guest *guest, int64_t reach)
{
	int64_t now = guest->time > horizon ? guest->time : horizon;
	int64_t end = least(reach, later(now, LONGEST_GRANT));

	return least(end, settings.crash_at[guest->port]);
}

static void next_round(void)
{
	int64_t reaches[MAX_PORTS + 1];

	rounds++;
	crash_whose_time_has_come();
	settle();
	for (uint32_t port = 1; port <= network.ports; port++)
		reaches[port] = reach_of(&guests[port]);
	for (uint32_t port = 1; port <= network.ports; port++) {
		struct guest *guest = &guests[port];
		int64_t end = end_of_grant(guest, reaches[port]);

		if (guest->state != STOPPED || end <= guest->time ||
		    is_idle_until(guest, reaches[port]))
			continue;
		grant(guest, least(end, settings.pause_at[port]),
		      2 * settings.quantum, settings.pause_at[port]);
		if (!write_guest(guest))
			lose(guest, "its QEMU has ended");
	}
}

/* The guest that is paused, when nobody else has yet to come or to stop. */
static struct guest *paused_alone(void)
{
	struct guest *paused = NULL;

	for (uint32_t port = 1; port <= network.ports; port++) {
		struct guest *guest = &guests[port];

		if (guest->paused)
			paused = guest;
		else if (guest->state == ABSENT || guest->state == RUNNING)
			return NULL;
	}
	return paused;
}

/*
 * After what was before it; and only once, for it is let go on by whoever holds
 * it then.
 */
static void tell_pause(void)
{
	struct guest *guest = paused_alone();

	if (!guest)
		return;
	for (horizon = find_horizon(); first_record() < horizon;
	     horizon = find_horizon())
		take_place(take_first(&records));
	guest->paused = false;
	settings.pause_at[guest->port] = NEVER;
	say_paused(guest->time, guest->port);
}

/* Whether any guest has yet to come, or to stop. */
static bool somebody_moves(void)
{
	for (uint32_t port = 1; port <= network.ports; port++) {
		if (guests[port].state == ABSENT ||
		    guests[port].state == RUNNING)
			return true;
	}
	return false;
}

static bool nobody_left(void)
{
	for (uint32_t port = 1; port <= network.ports; port++) {
		if (guests[port].state != GONE)
			return false;
	}
	return true;
}

static void news(void)
{
	static struct timespec last;
	struct timespec now;
	uint32_t waiting[MAX_PORTS];
	uint32_t count = 0;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if ((now.tv_sec - last.tv_sec) * 1000 +
		    (now.tv_nsec - last.tv_nsec) / MILLISECOND <
	    NEWS_MS)
		return;
	last = now;
	for (uint32_t port = 1; port <= network.ports; port++) {
		if (guests[port].state == ABSENT ||
		    guests[port].state == RUNNING)
			waiting[count++] = port;
	}
	say_now(horizon, waiting, count);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	unlink(path);
	if (listener < 0 ||
	    bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(listener, MAX_PORTS) < 0)
		complain("%s: %s", path, strerror(errno));
	return listener;
}

/* One at a time: the next one waits at the door. */
static void let_in(int listener)
{
	newcomer.descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	newcomer.state = ABSENT;
}

/*
 * What comes right behind the greeting may be wrong already: then it has come,
 * and is lost.
 */
static void greet(void)
{
	const char *wrong = read_guest(&newcomer, &records);
	uint32_t port = newcomer.port;

	if (!wrong && newcomer.state == ABSENT)
		return;
	if (port < 1 || port > network.ports || guests[port].state != ABSENT) {
		fprintf(stderr, "coordinator: a guest was refused: %s\n",
			wrong ? wrong : "its port is not free");
		close(newcomer.descriptor);
	} else {
		guests[port] = newcomer;
		if (wrong)
			lose(&guests[port], wrong);
	}
	newcomer = (struct guest){ .descriptor = -1,
				   .first_arrival = NEVER,
				   .next = NEVER };
}

static void serve(struct guest *guest, short ready)
{
	const char *wrong = NULL;

	if (ready & (POLLIN | POLLHUP | POLLERR))
		wrong = read_guest(guest, &records);
	if (!wrong && !write_guest(guest))
		wrong = "its QEMU has ended";
	if (wrong)
		lose(guest, wrong);
}

/*
 * Waits for guests, and for standard input, whose end is ours.
 * Return: whether to go on
 */
static bool wait_for_news(int listener)
{
	struct pollfd polled[MAX_PORTS + 3] = { { .fd = STDIN_FILENO,
						  .events = POLLIN } };
	char ignored[256];

	polled[1] =
		(struct pollfd){ .fd = newcomer.descriptor < 0 ? listener : -1,
				 .events = POLLIN };
	polled[2] =
		(struct pollfd){ .fd = newcomer.descriptor, .events = POLLIN };
	for (uint32_t port = 1; port <= network.ports; port++) {
		const struct guest *guest = &guests[port];

		polled[port + 2] = (struct pollfd){
			.fd = guest->state == ABSENT ? -1 : guest->descriptor,
			.events = POLLIN | (has_output(guest) ? POLLOUT : 0)
		};
	}
	if (poll(polled, network.ports + 3, NEWS_MS) < 0 && errno != EINTR)
		complain("poll: %s", strerror(errno));
	if (polled[0].revents &&
	    read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0)
		return false;
	if (polled[1].revents)
		let_in(listener);
	if (polled[2].revents)
		greet();
	for (uint32_t port = 1; port <= network.ports; port++) {
		if (polled[port + 2].revents)
			serve(&guests[port], polled[port + 2].revents);
	}
	return true;
}

static const char *run(int listener)
{
	for (;;) {
		news();
		tell_pause();
		if (somebody_moves()) {
			if (!wait_for_news(listener))
				return "asked to end";
			continue;
		}
		if (nobody_left())
			return "no guest is left";
		if (horizon >= settings.deadline)
			return "deadline";
		next_round();
	}
}

/* What was said last, by whom it may be, is said before the end. */
static void finish(const char *why)
{
	for (uint32_t port = 1; port <= network.ports; port++)
		dismiss(&guests[port]);
	while (records.count > 0)
		take_place(take_first(&records));
	close_capture();
	unlink(settings.socket);
	say_over(horizon, why, rounds);
}

int main(void)
{
	int listener;

	/* Whoever started us may be killed without warning. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setvbuf(stdin, NULL, _IONBF, 0);
	read_settings(stdin, &settings, &network);
	for (uint32_t port = 1; port <= network.ports; port++)
		guests[port] = (struct guest){ .descriptor = -1,
					       .port = port,
					       .first_arrival = NEVER };
	if (settings.capture[0])
		open_capture(settings.capture, settings.capture_bytes);
	listener = listen_at(settings.socket);
	say_listening();
	finish(run(listener));
	return 0;
}
