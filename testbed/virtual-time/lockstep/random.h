/* SPDX-License-Identifier: MIT */
/*
 * Chance, drawn from a scenario's seed. Each draw is a function of what it is
 * for, not of how many came before it: that one frame more crosses a link does
 * not change the fate of the others' on another.
 */
#ifndef LOCKSTEP_RANDOM_H
#define LOCKSTEP_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

enum purpose { LOSS = 1, DUPLICATE, REORDER, JITTER };

/*
 * The output function of SplitMix64 (Steele, Lea and Flood, "Fast splittable
 * pseudorandom number generators", 2014).
 */
static inline uint64_t mixed(uint64_t value)
{
	value += UINT64_C(0x9e3779b97f4a7c15);
	value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
	return value ^ (value >> 31);
}

/**
 * draw() - 64 random bits
 * @seed: of the scenario
 * @path: sending port << 8 | receiving port
 * @number: of the frame, among those sent by the sending port
 * @purpose: what is decided by it
 */
static inline uint64_t draw(uint64_t seed, uint32_t path, uint64_t number,
			    enum purpose purpose)
{
	return mixed(mixed(mixed(mixed(seed) ^ path) ^ number) ^ purpose);
}

/*
 * True for a part `probability` of all draws; the upper 53 bits are a double's.
 */
static inline bool happens(uint64_t bits, double probability)
{
	return (bits >> 11) * 0x1.0p-53 < probability;
}

#endif
