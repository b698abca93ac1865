// SPDX-License-Identifier: GPL-2.0-only
#include "prng.h"

/*
 * splitmix64 by Sebastiano Vigna, placed in the public domain
 * (https://prng.di.unimi.it/splitmix64.c); its authors recommend it for
 * seeding the xoshiro family.
 */
static uint64_t splitmix64(uint64_t *state)
{
	uint64_t z;

	*state += 0x9e3779b97f4a7c15;
	z = *state;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/**
 * prng_seed() - starts the generator
 * @prng: the generator
 * @seed: any number; two seeds give unrelated data
 *
 * splitmix64 never gives the same number twice in a row, so the state is not
 * all zero.
 */
void prng_seed(struct prng *prng, uint64_t seed)
{
	uint64_t first = splitmix64(&seed);
	uint64_t second = splitmix64(&seed);

	prng->s[0] = (uint32_t)first;
	prng->s[1] = (uint32_t)(first >> 32);
	prng->s[2] = (uint32_t)second;
	prng->s[3] = (uint32_t)(second >> 32);
}
