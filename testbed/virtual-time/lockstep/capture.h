/* SPDX-License-Identifier: MIT */
/*
 * Every frame that is sent, as a pcap file with nanoseconds: instant 0 is that
 * of the guests' start.
 */
#ifndef LOCKSTEP_CAPTURE_H
#define LOCKSTEP_CAPTURE_H

#include <stdint.h>

#include "queue.h"

/** open_capture() - `most` bytes of each frame are kept */
void open_capture(const char *path, uint32_t most);

void capture(const struct event *frame);

/**
 * close_capture() - ends the program with a complaint when not everything could
 * be written
 */
void close_capture(void);

#endif
