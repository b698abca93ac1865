/* SPDX-License-Identifier: MIT */
/*
 * What the coordinator says on standard output, a JSON object on each line.
 * `at` and `now` are virtual nanoseconds.
 *
 *	{"listening":true}
 *	{"at":T,"port":P,"console":"TEXT"}
 *		what a guest wrote, up to a newline; a character for each byte
 *	{"at":T,"port":P,"report":"TEXT","sent":[...],"received":[...],
 *	 "frames":N}
 *		the same on its second serial port, with the bytes that each
 *		port had sent and was sent, and the frames that all had sent
 *	{"at":T,"port":P,"crashed":true}
 *		as the settings say
 *	{"at":T,"port":P,"paused":true}
 *		it stands still, at the instant of the settings
 *	{"at":T,"port":P,"left":"WHY"}
 *		its QEMU has ended, or was thrown out
 *	{"now":T,"waiting":[...]}
 *		about once a second: how far it is, and which guests run
 *	{"at":T,"over":"WHY","rounds":N}
 *		the last line
 */
#ifndef LOCKSTEP_REPORT_H
#define LOCKSTEP_REPORT_H

#include <stdint.h>

#include "network.h"
#include "queue.h"

void say_listening(void);
void say_output(const struct event *output, const char *stream,
		const struct network *network);
void say_crashed(int64_t at, uint32_t port);
void say_paused(int64_t at, uint32_t port);
void say_left(int64_t at, uint32_t port, const char *why);
void say_now(int64_t now, const uint32_t *waiting, uint32_t count);
void say_over(int64_t at, const char *why, uint64_t rounds);

#endif
