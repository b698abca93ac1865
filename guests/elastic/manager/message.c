// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages as bytes. Unpacking refuses a message whose length is not the one
 * that its type and its counts say, and numbers that are out of range.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "bytes.h"
#include "message.h"

#define STATUS_BYTES 32
#define ADOPT_BYTES  28
#define MEMBER_BYTES 12
#define JOIN_BYTES   20
#define DONE_BYTES   12

_Static_assert(ADOPT_BYTES + NODES_MOST * MEMBER_BYTES <= FRAME_MOST,
	       "an ADOPT fits into a frame");

static bool is_elsewhere(uint32_t node)
{
	return node >= 1 && node < NODES_MOST;
}

void status_pack(const struct message_status *status, struct frame *frame)
{
	frame->type = MESSAGE_STATUS;
	frame->length = STATUS_BYTES;
	put_u64(frame->body, status->total);
	put_u64(frame->body + 8, status->free);
	put_u64(frame->body + 16, status->lendable);
	put_u32(frame->body + 24, status->processes);
	put_u32(frame->body + 28, status->shells);
}

int status_unpack(const struct frame *frame, struct message_status *status)
{
	if (frame->type != MESSAGE_STATUS || frame->length != STATUS_BYTES)
		return -EPROTO;
	status->total = get_u64(frame->body);
	status->free = get_u64(frame->body + 8);
	status->lendable = get_u64(frame->body + 16);
	status->processes = get_u32(frame->body + 24);
	status->shells = get_u32(frame->body + 28);
	return 0;
}

void adopt_pack(const struct message_adopt *adopt, struct frame *frame)
{
	uint8_t *at = frame->body + ADOPT_BYTES;

	frame->type = MESSAGE_ADOPT;
	put_u64(frame->body, adopt->cookie);
	put_u32(frame->body + 8, adopt->node);
	put_u32(frame->body + 12, adopt->budget);
	put_u32(frame->body + 16, adopt->lease_ms);
	put_u32(frame->body + 20, adopt->sealed);
	put_u32(frame->body + 24, adopt->members);
	for (uint32_t i = 0; i < adopt->members; i++, at += MEMBER_BYTES) {
		put_u32(at, adopt->member[i].node);
		put_u32(at + 4, adopt->member[i].at.address);
		put_u32(at + 8, adopt->member[i].at.port);
	}
	frame->length = (uint16_t)(at - frame->body);
}

static int member_unpack(const uint8_t *at, struct member *member)
{
	uint32_t port = get_u32(at + 8);

	member->node = get_u32(at);
	member->at.address = get_u32(at + 4);
	member->at.port = (uint16_t)port;
	return is_elsewhere(member->node) && port && port <= UINT16_MAX ?
		       0 :
		       -EPROTO;
}

static int flag_unpack(const uint8_t *at, uint32_t *flag)
{
	*flag = get_u32(at);
	return *flag <= 1 ? 0 : -EPROTO;
}

int adopt_unpack(const struct frame *frame, struct message_adopt *adopt)
{
	const uint8_t *at = frame->body + ADOPT_BYTES;

	if (frame->type != MESSAGE_ADOPT || frame->length < ADOPT_BYTES)
		return -EPROTO;
	adopt->cookie = get_u64(frame->body);
	adopt->node = get_u32(frame->body + 8);
	adopt->budget = get_u32(frame->body + 12);
	adopt->lease_ms = get_u32(frame->body + 16);
	adopt->members = get_u32(frame->body + 24);
	if (flag_unpack(frame->body + 20, &adopt->sealed) ||
	    !is_elsewhere(adopt->node) || adopt->members >= NODES_MOST ||
	    frame->length != ADOPT_BYTES + adopt->members * MEMBER_BYTES)
		return -EPROTO;
	for (uint32_t i = 0; i < adopt->members; i++, at += MEMBER_BYTES)
		if (member_unpack(at, &adopt->member[i]) ||
		    adopt->member[i].node == adopt->node)
			return -EPROTO;
	return 0;
}

void join_pack(const struct message_join *join, struct frame *frame)
{
	frame->type = MESSAGE_JOIN;
	frame->length = JOIN_BYTES;
	put_u64(frame->body, join->cookie);
	put_u32(frame->body + 8, join->from);
	put_u32(frame->body + 12, join->to);
	put_u32(frame->body + 16, join->sealed);
}

int join_unpack(const struct frame *frame, struct message_join *join)
{
	if (frame->type != MESSAGE_JOIN || frame->length != JOIN_BYTES)
		return -EPROTO;
	join->cookie = get_u64(frame->body);
	join->from = get_u32(frame->body + 8);
	join->to = get_u32(frame->body + 12);
	if (flag_unpack(frame->body + 16, &join->sealed))
		return -EPROTO;
	return is_elsewhere(join->from) && is_elsewhere(join->to) &&
			       join->from != join->to ?
		       0 :
		       -EPROTO;
}

void done_pack(const struct message_done *done, struct frame *frame)
{
	frame->type = MESSAGE_DONE;
	frame->length = DONE_BYTES;
	put_u32(frame->body, (uint32_t)done->error);
	put_u32(frame->body + 4, done->budget);
	put_u32(frame->body + 8, (uint32_t)done->pid);
}

int done_unpack(const struct frame *frame, struct message_done *done)
{
	if (frame->type != MESSAGE_DONE || frame->length != DONE_BYTES)
		return -EPROTO;
	done->error = (int32_t)get_u32(frame->body);
	done->budget = get_u32(frame->body + 4);
	done->pid = (int32_t)get_u32(frame->body + 8);
	return done->error >= 0 ? 0 : -EPROTO;
}
