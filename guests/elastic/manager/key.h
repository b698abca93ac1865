/* SPDX-License-Identifier: GPL-2.0-only */
/* The secret that the managers of one testbed share, and random numbers. */
#ifndef KEY_H
#define KEY_H

#include <stddef.h>
#include <stdint.h>

#define KEY_BYTES 32

struct key {
	uint8_t bytes[KEY_BYTES];
};

int key_read(const char *path, struct key *key);
int random_fill(void *buffer, size_t length);

#endif
