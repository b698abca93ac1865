/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PRNG_H
#define PRNG_H

#include <stdint.h>

/**
 * struct prng - state of the generator that makes all data
 * @s: never all zero
 *
 * xoshiro128** 1.1 by David Blackman and Sebastiano Vigna, placed in the
 * public domain (https://prng.di.unimi.it/xoshiro128starstar.c). It works on
 * 32-bit words, so that a host without 64-bit integers can follow it quickly.
 */
struct prng {
	uint32_t s[4];
};

void prng_seed(struct prng *prng, uint64_t seed);

static inline uint32_t rotate_left(uint32_t x, unsigned int bits)
{
	return x << bits | x >> (32 - bits);
}

/** prng_u32() - the next 32 bits */
static inline uint32_t prng_u32(struct prng *prng)
{
	uint32_t *s = prng->s;
	uint32_t result = rotate_left(s[1] * 5, 7) * 9;
	uint32_t t = s[1] << 9;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 11);
	return result;
}

/** prng_u64() - the next two words, the low one first */
static inline uint64_t prng_u64(struct prng *prng)
{
	uint64_t low = prng_u32(prng);

	return low | (uint64_t)prng_u32(prng) << 32;
}

/**
 * prng_below() - a number from 0 to bound - 1
 * @prng: the generator
 * @bound: at least 1
 *
 * The high half of a product, without the correction that would make all
 * numbers exactly as likely: one word is drawn, always.
 */
static inline uint32_t prng_below(struct prng *prng, uint32_t bound)
{
	return (uint32_t)((uint64_t)prng_u32(prng) * bound >> 32);
}

#endif
