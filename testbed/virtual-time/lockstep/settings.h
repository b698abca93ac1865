/* SPDX-License-Identifier: MIT */
/*
 * What the coordinator is told on standard input before it begins: a line for
 * each setting, a word and its values.
 *
 *	socket PATH			where guests come in
 *	capture PATH BYTES		pcap file; bytes of each frame to keep
 *	ports N				guests, 1 to MAX_PORTS
 *	spared PORT			no fault happens to its frames
 *	quantum NS			how far a guest may run ahead; at most
 *					the latency
 *	deadline NS			end of everything
 *	latency NS, bandwidth BITS, queue BYTES
 *	seed N
 *	loss P, duplicate P, reorder P NS, jitter NS
 *	cut PORT FROM TO OTHER WAY	instants in ns; OTHER is a port, or 0
 *					for all; WAY is both, sent or received
 *	crash PORT AT
 *	suspend PORT FROM TO		the guest is not run; those of a port in
 *					order
 *	pause PORT AT			as a debugger does
 *	start				begin
 */
#ifndef LOCKSTEP_SETTINGS_H
#define LOCKSTEP_SETTINGS_H

#include <stdint.h>
#include <stdio.h>

#include "network.h"

struct settings {
	char socket[108];
	char capture[4096];
	uint32_t capture_bytes;
	int64_t quantum;
	int64_t deadline;
	int64_t crash_at[MAX_PORTS + 1];
	int64_t pause_at[MAX_PORTS + 1];
};

/**
 * read_settings() - up to and including `start`; ends the program with a
 * complaint about what makes no sense
 */
void read_settings(FILE *from, struct settings *settings,
		   struct network *network);

#endif
