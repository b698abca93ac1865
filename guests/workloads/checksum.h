/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stdint.h>

#include "prng.h"

/**
 * struct checksum - a running sum over a sequence of 64-bit values
 * @a: lane of the low halves
 * @b: lane of the high halves; @a enters it, so that it depends on both
 *
 * Every step is a bijection of (a, b) for a given value, and of the value for
 * given (a, b): a sequence in which one value differs always ends elsewhere,
 * and one in which values are exchanged ends elsewhere but for a chance of
 * 2^-32 or less. Two 32-bit lanes cost one multiplication each, in C as well as
 * where 64-bit integers are slow.
 */
struct checksum {
	uint32_t a;
	uint32_t b;
};

void checksum_start(struct checksum *sum);
uint64_t checksum_value(const struct checksum *sum);

/** checksum_pair() - folds two 32-bit values in */
static inline void checksum_pair(struct checksum *sum, uint32_t low,
				 uint32_t high)
{
	sum->a = rotate_left(sum->a ^ low, 13) * 0x9e3779b1;
	sum->b = rotate_left(sum->b ^ high, 17) * 0x85ebca77 + sum->a;
}

/** checksum_u64() - folds a 64-bit value in */
static inline void checksum_u64(struct checksum *sum, uint64_t value)
{
	checksum_pair(sum, (uint32_t)value, (uint32_t)(value >> 32));
}

#endif
