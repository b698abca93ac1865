/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A talk between two managers. First each side proves that it knows the key,
 * then they exchange frames. docs/elastic-manager.md describes it.
 */
#ifndef TALK_H
#define TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elasticos_ioctl.h"
#include "key.h"
#include "stream.h"

#define FRAME_MOST 512 /* bytes of a body */
#define CODE_BYTES 32  /* of an HMAC-SHA256, RFC 2104 */

struct frame {
	uint16_t type;
	uint16_t length;
	uint8_t body[FRAME_MOST];
};

struct talk {
	int fd;
	int64_t deadline; /* of every wait; a caller may move it */
	bool dialler;
	uint8_t key[CODE_BYTES]; /* of this talk only */
	struct eos_keys seal;    /* likewise, for the kernel on this side */
	uint32_t sent;
	uint32_t received;
};

int talk_dial(struct talk *talk, struct endpoint to, const struct key *key,
	      int64_t deadline);
int talk_accept(struct talk *talk, int fd, const struct key *key,
		int64_t deadline);
int talk_send(struct talk *talk, const struct frame *frame);
int talk_receive(struct talk *talk, struct frame *frame);
uint64_t talk_keys(const struct talk *talk, bool sealed);
void talk_close(struct talk *talk);

#endif
