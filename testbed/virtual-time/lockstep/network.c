// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "random.h"
#include "wire.h"

#define LEAST_FRAME 60 /* a shorter one is padded on the wire */
#define ADDRESS     6
#define BITS_NS     INT64_C(8000000000)

static int64_t serialisation(const struct network *network, uint32_t length)
{
	int64_t bytes = length < LEAST_FRAME ? LEAST_FRAME : length;

	return (bytes * BITS_NS + network->bandwidth - 1) / network->bandwidth;
}

/*
 * A lane's next free instant for a frame that reaches its queue now; NEVER when
 * it does not fit in.
 */
static int64_t enqueue(const struct network *network, struct lane *lane,
		       int64_t now, uint32_t length)
{
	int64_t begin = lane->free_at > now ? lane->free_at : now;

	/* What waits, as time to carry it. */
	if (begin - now > network->queue_bytes * BITS_NS / network->bandwidth) {
		lane->lost++;
		return NEVER;
	}
	lane->free_at = begin + serialisation(network, length);
	lane->frames++;
	return begin;
}

static bool concerns(const struct cut *cut, uint32_t from, uint32_t to)
{
	if (cut->sent && cut->port == from)
		return !cut->other || cut->other == to;
	if (cut->received && cut->port == to)
		return !cut->other || cut->other == from;
	return false;
}

static bool is_cut(const struct network *network, uint32_t from, uint32_t to,
		   int64_t time)
{
	for (uint32_t i = 0; i < network->cut_count; i++) {
		const struct cut *cut = &network->cuts[i];

		if (cut->from <= time && time < cut->to &&
		    concerns(cut, from, to))
			return true;
	}
	return false;
}

static void learn(struct network *network, const uint8_t *address,
		  uint32_t port)
{
	if (address[0] & 1)
		return;
	for (uint32_t i = 0; i < network->station_count; i++) {
		if (!memcmp(network->stations[i].address, address, ADDRESS)) {
			network->stations[i].port = port;
			return;
		}
	}
	if (network->station_count == MAX_STATIONS)
		return;
	memcpy(network->stations[network->station_count].address, address,
	       ADDRESS);
	network->stations[network->station_count++].port = port;
}

/* The port behind which an address is; 0 for all of them. */
static uint32_t port_of(const struct network *network, const uint8_t *address)
{
	for (uint32_t i = 0; i < network->station_count && !(address[0] & 1);
	     i++) {
		if (!memcmp(network->stations[i].address, address, ADDRESS))
			return network->stations[i].port;
	}
	return 0;
}

static void set_out(struct network *network, const struct event *frame,
		    uint32_t to, int64_t time)
{
	network->received[to] += frame->length;
	put(&network->underway,
	    make_event(time, frame->port, to, frame->bytes, frame->length));
}

/*
 * One frame's way from the sender's lane to the receiver's, and what befalls it
 * on it.
 */
static void pass(struct network *network, const struct event *frame,
		 uint32_t to, int64_t begin)
{
	uint32_t path = frame->port << 8 | to;
	uint64_t number = network->up[frame->port].frames;
	int64_t time = begin + network->latency;
	uint64_t seed = network->seed;

	if (network->gone[to])
		return;
	if (frame->port == network->spared || to == network->spared) {
		set_out(network, frame, to, time);
		return;
	}
	if (is_cut(network, frame->port, to, begin))
		return;
	if (happens(draw(seed, path, number, LOSS), network->loss))
		return;
	if (network->jitter > 0)
		time += draw(seed, path, number, JITTER) %
			(network->jitter + 1);
	if (happens(draw(seed, path, number, REORDER), network->reorder)) {
		time += network->reorder_delay;
	} else {
		if (time < network->in_order_until[frame->port])
			time = network->in_order_until[frame->port];
		network->in_order_until[frame->port] = time;
	}
	set_out(network, frame, to, time);
	if (happens(draw(seed, path, number, DUPLICATE), network->duplicate))
		set_out(network, frame, to, time);
}

void frame_sent(struct network *network, const struct event *frame)
{
	int64_t begin;
	uint32_t to;

	if (frame->length < 2 * ADDRESS)
		return;
	begin = enqueue(network, &network->up[frame->port], frame->time,
			frame->length);
	if (begin == NEVER)
		return;
	network->sent[frame->port] += frame->length;
	learn(network, frame->bytes + ADDRESS, frame->port);
	to = port_of(network, frame->bytes);
	for (uint32_t port = 1; port <= network->ports; port++) {
		if (port != frame->port && (to == 0 || to == port))
			pass(network, frame, port, begin);
	}
}

struct event *next_arrival(struct network *network, int64_t horizon)
{
	for (;;) {
		struct event *frame = first(&network->underway);
		int64_t begin;

		/* A frame that is yet to be sent gets there after it. */
		if (!frame || (horizon != NEVER &&
			       frame->time >= horizon + network->latency))
			return NULL;
		take_first(&network->underway);
		begin = network->gone[frame->kind] ?
				NEVER :
				enqueue(network, &network->down[frame->kind],
					frame->time, frame->length);
		if (begin != NEVER) {
			frame->time =
				begin + serialisation(network, frame->length);
			return frame;
		}
		free(frame);
	}
}

int64_t earliest_underway(const struct network *network)
{
	const struct event *frame = first(&network->underway);

	return frame ? frame->time : NEVER;
}
