// SPDX-License-Identifier: GPL-2.0-only
#include "checksum.h"

/* The finaliser of MurmurHash3 (Austin Appleby, public domain): a bijection. */
static uint32_t mix(uint32_t x)
{
	x = (x ^ x >> 16) * 0x85ebca6b;
	x = (x ^ x >> 13) * 0xc2b2ae35;
	return x ^ x >> 16;
}

/** checksum_start() - the sum over nothing: digits of pi */
void checksum_start(struct checksum *sum)
{
	sum->a = 0x243f6a88;
	sum->b = 0x85a308d3;
}

/** checksum_value() - what is reported: both lanes, spread over all 64 bits */
uint64_t checksum_value(const struct checksum *sum)
{
	uint32_t a = sum->a ^ mix(sum->b);
	uint32_t b = sum->b ^ mix(a);

	return (uint64_t)a << 32 | b;
}
