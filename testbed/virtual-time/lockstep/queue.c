// SPDX-License-Identifier: MIT
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "queue.h"

struct event *make_event(int64_t time, uint32_t port, uint32_t kind,
			 const void *bytes, uint32_t length)
{
	static uint64_t order;
	struct event *event = malloc(sizeof(*event) + length);

	if (!event)
		complain("no memory for an event");
	*event = (struct event){ .time = time,
				 .port = port,
				 .order = order++,
				 .kind = kind,
				 .length = length };
	if (length > 0)
		memcpy(event->bytes, bytes, length);
	return event;
}

static bool earlier(const struct event *a, const struct event *b)
{
	if (a->time != b->time)
		return a->time < b->time;
	if (a->port != b->port)
		return a->port < b->port;
	return a->order < b->order;
}

void put(struct queue *queue, struct event *event)
{
	size_t at = queue->count++;

	if (queue->count > queue->room) {
		queue->room = queue->room ? 2 * queue->room : 64;
		queue->events = realloc(queue->events,
					queue->room * sizeof(struct event *));
		if (!queue->events)
			complain("no memory for %zu events", queue->room);
	}
	while (at > 0 && earlier(event, queue->events[(at - 1) / 2])) {
		queue->events[at] = queue->events[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	queue->events[at] = event;
}

struct event *first(const struct queue *queue)
{
	return queue->count > 0 ? queue->events[0] : NULL;
}

struct event *take_first(struct queue *queue)
{
	struct event *taken = queue->events[0];
	struct event *last = queue->events[--queue->count];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= queue->count)
			break;
		if (child + 1 < queue->count &&
		    earlier(queue->events[child + 1], queue->events[child]))
			child++;
		if (!earlier(queue->events[child], last))
			break;
		queue->events[at] = queue->events[child];
		at = child;
	}
	queue->events[at] = last;
	return taken;
}
