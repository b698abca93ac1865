/* SPDX-License-Identifier: MIT */
/*
 * What a guest's plugin and the coordinator say to each other over a unix
 * stream socket. Both run on one machine and are built together: numbers are in
 * its byte order. Each message is a header and `length` bytes.
 *
 * A guest runs until the instant it was granted, then posts everything that
 * happened (frames, output), MSG_STOPPED, and waits. The coordinator answers
 * with the frames that are to arrive, and MSG_RUN.
 */
#ifndef LOCKSTEP_WIRE_H
#define LOCKSTEP_WIRE_H

#include <stdint.h>

#define WIRE_VERSION 2

/*
 * The largest frame that a NIC without offload hands over is 1514 bytes; room
 * for jumbo frames.
 */
#define MAX_FRAME  9216
#define MAX_OUTPUT 4096

/* An instant that never comes. */
#define NEVER INT64_MAX

enum message_kind {
	/* From the guest. */
	MSG_HELLO = 1, /* struct hello */
	MSG_FRAME,   /* an Ethernet frame; sent at `time`, or to arrive then */
	MSG_CONSOLE, /* bytes of the first serial port */
	MSG_REPORT,  /* bytes of the second one */
	MSG_STOPPED, /* struct stopped; the guest stands still at `time` */
	MSG_PAUSED,  /* the machine is stopped, as by a debugger */
	/* From the coordinator. */
	MSG_RUN, /* struct run; until `time` */
	MSG_END, /* the guest is to end at once */
};

/**
 * struct header - begins every message
 * @kind: enum message_kind
 * @length: bytes that follow
 * @time: virtual nanoseconds since the guest's start
 */
struct header {
	uint32_t kind;
	uint32_t length;
	int64_t time;
};

/**
 * struct hello - the first message
 * @version: WIRE_VERSION
 * @port: which guest this is, from 1
 */
struct hello {
	uint32_t version;
	uint32_t port;
};

/**
 * struct stopped - a guest has reached the end of its grant
 * @next: before this instant it does nothing unless a frame arrives: its clock
 *	when its processor runs, otherwise its
 *	next timer or NEVER
 */
struct stopped {
	int64_t next;
};

/**
 * struct run - a grant
 * @turnaround: a frame sent at T moves the end of the grant to T + turnaround,
 *	where that is earlier: before then no
 *	answer can arrive
 * @pause: when to stop the machine as a debugger does, until somebody lets it
 *	go on; NEVER for not at all
 */
struct run {
	int64_t turnaround;
	int64_t pause;
};

#endif
