// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "complain.h"
#include "guest.h"
#include "suspension.h"
#include "wire.h"

#define READ_BYTES 65536

static void make_room(struct bytes *bytes, size_t more)
{
	if (bytes->from > 0) {
		memmove(bytes->all, bytes->all + bytes->from,
			bytes->to - bytes->from);
		bytes->to -= bytes->from;
		bytes->from = 0;
	}
	if (bytes->to + more <= bytes->room)
		return;
	bytes->room = 2 * (bytes->to + more);
	bytes->all = realloc(bytes->all, bytes->room);
	if (!bytes->all)
		complain("no memory for %zu bytes", bytes->room);
}

static void append(struct bytes *bytes, const void *some, size_t length)
{
	make_room(bytes, length);
	memcpy(bytes->all + bytes->to, some, length);
	bytes->to += length;
}

static void say(struct guest *guest, enum message_kind kind, int64_t time,
		const void *payload, size_t length)
{
	struct header header = { .kind = kind,
				 .length = length,
				 .time = own_time(guest->port, time) };

	append(&guest->out, &header, sizeof(header));
	append(&guest->out, payload, length);
}

/* What a guest may say, by what it has said before. */
static const char *objection(const struct guest *guest,
			     const struct header *header)
{
	if (header->kind == MSG_HELLO)
		return guest->state == ABSENT &&
				       header->length == sizeof(struct hello) ?
			       NULL :
			       "an odd greeting";
	if (guest->state != RUNNING)
		return "it spoke out of turn";
	if (header->time < guest->time)
		return "its clock went backwards";
	switch (header->kind) {
	case MSG_FRAME:
		return header->length <= MAX_FRAME ? NULL : "too long a frame";
	case MSG_CONSOLE:
	case MSG_REPORT:
		return header->length > 0 && header->length <= MAX_OUTPUT ?
			       NULL :
			       "a line without bounds";
	case MSG_STOPPED:
		return header->length == sizeof(struct stopped) ? NULL :
								  "an odd stop";
	case MSG_PAUSED:
		return header->length == 0 ? NULL : "an odd pause";
	default:
		return "a message of no known kind";
	}
}

static const char *take(struct guest *guest, const struct header *header,
			const uint8_t *payload, struct queue *records)
{
	struct stopped stopped;
	struct hello hello;

	guest->time = header->time;
	switch (header->kind) {
	case MSG_HELLO:
		memcpy(&hello, payload, sizeof(hello));
		if (hello.version != WIRE_VERSION)
			return "its plugin is of another version";
		guest->port = hello.port;
		guest->state = RUNNING;
		return NULL;
	case MSG_STOPPED:
		memcpy(&stopped, payload, sizeof(stopped));
		stopped.next = common_time(guest->port, stopped.next);
		if (stopped.next < header->time)
			return "it means to act in its past";
		guest->next = stopped.next;
		guest->state = STOPPED;
		return NULL;
	case MSG_PAUSED:
		guest->paused = true;
		guest->next = header->time;
		return NULL;
	default:
		put(records, make_event(header->time, guest->port, header->kind,
					payload, header->length));
		return NULL;
	}
}

const char *read_guest(struct guest *guest, struct queue *records)
{
	struct header header;
	ssize_t got;

	make_room(&guest->in, READ_BYTES);
	got = recv(guest->descriptor, guest->in.all + guest->in.to, READ_BYTES,
		   MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return NULL;
	if (got <= 0)
		return "its QEMU has ended";
	guest->in.to += got;
	while (guest->in.to - guest->in.from >= sizeof(header)) {
		const char *wrong;

		memcpy(&header, guest->in.all + guest->in.from, sizeof(header));
		header.time = common_time(guest->port, header.time);
		wrong = objection(guest, &header);
		if (wrong)
			return wrong;
		if (guest->in.to - guest->in.from <
		    sizeof(header) + header.length)
			return NULL;
		wrong = take(guest, &header,
			     guest->in.all + guest->in.from + sizeof(header),
			     records);
		if (wrong)
			return wrong;
		guest->in.from += sizeof(header) + header.length;
	}
	return NULL;
}

void hand_over(struct guest *guest, struct event *frame)
{
	if (guest->state != GONE) {
		int64_t own = own_time(guest->port, frame->time);
		int64_t arrival = common_time(guest->port, own);

		say(guest, MSG_FRAME, frame->time, frame->bytes, frame->length);
		if (arrival < guest->first_arrival)
			guest->first_arrival = arrival;
	}
	free(frame);
}

void grant(struct guest *guest, int64_t until, int64_t turnaround,
	   int64_t pause)
{
	struct run run = { .turnaround = turnaround,
			   .pause = own_time(guest->port, pause) };

	say(guest, MSG_RUN, until, &run, sizeof(run));
	/* What arrives is known to the guest from now on. */
	if (guest->first_arrival < guest->next)
		guest->next = guest->first_arrival;
	guest->first_arrival = NEVER;
	guest->state = RUNNING;
}

void dismiss(struct guest *guest)
{
	if (guest->descriptor >= 0)
		close(guest->descriptor);
	guest->descriptor = -1;
	guest->state = GONE;
}

bool has_output(const struct guest *guest)
{
	return guest->descriptor >= 0 && guest->out.to > guest->out.from &&
	       guest->state == RUNNING;
}

bool write_guest(struct guest *guest)
{
	while (has_output(guest)) {
		ssize_t sent = send(guest->descriptor,
				    guest->out.all + guest->out.from,
				    guest->out.to - guest->out.from,
				    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && (errno == EAGAIN || errno == EINTR))
			return true;
		if (sent <= 0)
			return false;
		guest->out.from += sent;
	}
	return true;
}
