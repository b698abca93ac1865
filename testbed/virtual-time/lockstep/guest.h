/* SPDX-License-Identifier: MIT */
/*
 * The coordinator's end of a guest. Times are of the clock that all share; what
 * a guest says and is told is by its own (suspension.h).
 */
#ifndef LOCKSTEP_GUEST_H
#define LOCKSTEP_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue.h"

enum guest_state {
	ABSENT,  /* it has not said hello yet */
	RUNNING, /* on its way to the end of its grant */
	STOPPED, /* it waits for the next one */
	GONE,
};

/** struct bytes - a buffer that grows */
struct bytes {
	uint8_t *all;
	size_t from;
	size_t to;
	size_t room;
};

/**
 * struct guest - one of them
 * @port: from 1; 0 until it has said hello
 * @time: how far it is, at the least
 * @next: as in struct stopped
 * @paused: it has been paused, and nobody has been told of it yet
 * @first_arrival: of the frames that are sent with its next grant; NEVER when
 *	there are none
 */
struct guest {
	int descriptor;
	uint32_t port;
	enum guest_state state;
	int64_t time;
	int64_t next;
	bool paused;
	int64_t first_arrival;
	struct bytes in;
	struct bytes out;
};

/**
 * read_guest() - takes what has arrived; records go into `records`
 * Return: NULL, or why nothing more is to be expected of it
 */
const char *read_guest(struct guest *guest, struct queue *records);

/** hand_over() - gives a frame to the guest, with its next grant; frees it */
void hand_over(struct guest *guest, struct event *frame);

/** grant() - lets it run until an instant, see struct run */
void grant(struct guest *guest, int64_t until, int64_t turnaround,
	   int64_t pause);

/** dismiss() - ends it, without waiting for anything */
void dismiss(struct guest *guest);

/**
 * write_guest() - sends what there is to send.
 * Return: false when the guest is no longer there
 */
bool write_guest(struct guest *guest);

/** has_output() - whether write_guest() has something left to do */
bool has_output(const struct guest *guest);

#endif
