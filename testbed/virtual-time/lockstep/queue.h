/* SPDX-License-Identifier: MIT */
/* What is going to happen, in the order in which it does. */
#ifndef LOCKSTEP_QUEUE_H
#define LOCKSTEP_QUEUE_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct event - something that happens at an instant
 * @time: virtual nanoseconds
 * @port: of the guest that is the cause; the lower one goes first at the same
 *	instant
 * @order: among those of the same port and instant
 * @kind: what it is, for the queue's owner
 * @length: of @bytes
 */
struct event {
	int64_t time;
	uint32_t port;
	uint64_t order;
	uint32_t kind;
	uint32_t length;
	uint8_t bytes[];
};

/** struct queue - a binary heap of events */
struct queue {
	struct event **events;
	size_t count;
	size_t room;
};

/**
 * make_event() - allocates one with a copy of `bytes`; the program ends where
 * there is no memory
 */
struct event *make_event(int64_t time, uint32_t port, uint32_t kind,
			 const void *bytes, uint32_t length);

/** put() - takes over the event */
void put(struct queue *queue, struct event *event);

/**
 * first() - the next event, which stays where it is; NULL when there is none
 */
struct event *first(const struct queue *queue);

/** take_first() - removes the next event, which is the caller's to free */
struct event *take_first(struct queue *queue);

#endif
