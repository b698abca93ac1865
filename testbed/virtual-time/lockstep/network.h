/* SPDX-License-Identifier: MIT */
/*
 * The simulated network: each port has a link to a switch that learns
 * addresses.
 *
 * A frame that is sent at S on an idle network arrives at S + serialisation +
 * latency: the switch passes it on while it comes in (cut-through). Each
 * direction of a link carries one frame after the other and has a queue in
 * front of it; what does not fit into the queue is lost.
 */
#ifndef LOCKSTEP_NETWORK_H
#define LOCKSTEP_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "queue.h"

#define MAX_PORTS    5
#define MAX_CUTS     64
#define MAX_STATIONS 64

/**
 * struct cut - frames of a port that vanish from one instant up to another
 * @port: whose
 * @other: only those between it and this port; 0 for all
 * @sent: those that @port sends
 * @received: those that are sent to @port
 */
struct cut {
	uint32_t port;
	uint32_t other;
	bool sent;
	bool received;
	int64_t from;
	int64_t to;
};

/** struct lane - one direction of a link */
struct lane {
	int64_t free_at;
	uint64_t frames;
	uint64_t lost;
};

/**
 * struct network - settings first, then what becomes of them
 * @ports: how many; the first is 1
 * @spared: the port between which and the others no fault happens, and which is
 *	never cut; 0 for none
 * @latency: nanoseconds from one port to another
 * @bandwidth: of each link, bits per second of Ethernet frames without preamble
 *	and gap
 * @queue_bytes: what may wait in front of each lane
 * @loss: probability for a frame to vanish
 * @duplicate: for a second one to follow it
 * @reorder: for a frame to be held back by @reorder_delay, while those behind
 *	it go on
 * @jitter: most that a frame is delayed by, and those behind it with it
 */
struct network {
	uint32_t ports;
	uint32_t spared;
	int64_t latency;
	int64_t bandwidth;
	int64_t queue_bytes;
	uint64_t seed;
	double loss;
	double duplicate;
	double reorder;
	int64_t reorder_delay;
	int64_t jitter;
	struct cut cuts[MAX_CUTS];
	uint32_t cut_count;

	struct lane up[MAX_PORTS + 1];
	struct lane down[MAX_PORTS + 1];
	/*
	 * Bytes of frames, until the last one that was sent: what each port
	 * sent, and what is to reach it.
	 */
	uint64_t sent[MAX_PORTS + 1];
	uint64_t received[MAX_PORTS + 1];
	bool gone[MAX_PORTS + 1];
	int64_t in_order_until[MAX_PORTS + 1];
	struct {
		uint8_t address[6];
		uint32_t port;
	} stations[MAX_STATIONS];
	uint32_t station_count;
	/* Frames whose first bit is going to reach the lane down to `kind`. */
	struct queue underway;
};

/** frame_sent() - a port sends; to be called in the order of time */
void frame_sent(struct network *network, const struct event *frame);

/**
 * next_arrival() - the next frame that arrives whatever else is sent at or
 *	after `horizon`
 * Return: a frame whose `time` is its arrival and whose `kind` is the port at
 *	which; NULL when there is none yet
 */
struct event *next_arrival(struct network *network, int64_t horizon);

/**
 * earliest_underway() - before this instant no frame of those underway arrives;
 * NEVER when there is none
 */
int64_t earliest_underway(const struct network *network);

#endif
