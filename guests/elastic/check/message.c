// SPDX-License-Identifier: GPL-2.0-only
/*
 * message ROUNDS: packs a message and unpacks it again, and then unpacks
 * ROUNDS frames of random bytes and lengths. A frame that is taken for a
 * message has to pack to the same bytes again, and its numbers have to be
 * within their bounds.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

static bool same(const struct frame *a, const struct frame *b)
{
	return a->type == b->type && a->length == b->length &&
	       !memcmp(a->body, b->body, a->length);
}

static bool again(const struct frame *frame)
{
	struct frame copy = { 0 };
	struct message_status status;
	struct message_adopt adopt;
	struct message_join join;
	struct message_done done;

	if (!status_unpack(frame, &status))
		status_pack(&status, &copy);
	else if (!adopt_unpack(frame, &adopt) && adopt.node >= 1 &&
		 adopt.node < NODES_MOST && adopt.members < NODES_MOST)
		adopt_pack(&adopt, &copy);
	else if (!join_unpack(frame, &join))
		join_pack(&join, &copy);
	else if (!done_unpack(frame, &done))
		done_pack(&done, &copy);
	else
		return true; /* refused */
	return same(frame, &copy);
}

/* Half of the frames have small numbers, which are more often valid. */
static void scribble(struct frame *frame)
{
	bool small = rand() % 2;

	frame->type = (uint16_t)(rand() % 8);
	frame->length = (uint16_t)(rand() % 130);
	for (int i = 0; i < FRAME_MOST; i++)
		frame->body[i] =
			(uint8_t)(small ? (i % 4 ? 0 : rand() % 9) : rand());
}

static int adopt_there_and_back(void)
{
	struct message_adopt adopt = {
		.cookie = 0x0123456789abcdef,
		.node = 3,
		.budget = 77,
		.lease_ms = 10000,
		.sealed = 1,
		.members = 2,
		.member = {
			{ 1, { 0x0a4d0002, 8022 } },
			{ 2, { 0x0a4d0003, 9 } },
		},
	};
	struct message_adopt back = { 0 };
	struct frame frame = { 0 };

	adopt_pack(&adopt, &frame);
	if (adopt_unpack(&frame, &back) || memcmp(&adopt, &back, sizeof(adopt)))
		return 1;
	/* a count that contradicts the length, no flag, a number of no node */
	frame.body[24] = 3;
	if (!adopt_unpack(&frame, &back))
		return 1;
	frame.body[24] = 2;
	frame.body[20] = 2;
	if (!adopt_unpack(&frame, &back))
		return 1;
	frame.body[20] = 1;
	frame.body[8] = NODES_MOST;
	return !adopt_unpack(&frame, &back);
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? atol(argv[1]) : 100000;
	struct frame frame;

	if (adopt_there_and_back()) {
		puts("an ADOPT does not come back as it was");
		return 1;
	}
	srand(1);
	for (long i = 0; i < rounds; i++) {
		scribble(&frame);
		if (again(&frame))
			continue;
		printf("frame %ld, type %u, length %u: taken, but not the same again\n",
		       i, frame.type, frame.length);
		return 1;
	}
	return 0;
}
