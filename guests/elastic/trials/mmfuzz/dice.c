// SPDX-License-Identifier: GPL-2.0-only
#include "dice.h"
#include "model.h"

/* The finalizer of splitmix64. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

void dice_begin(uint64_t seed, uint64_t step)
{
	model->dice = mix(mix(seed) + step);
}

/* A number below @below, which is not 0. */
uint32_t draw(uint32_t below)
{
	model->dice += 0x9e3779b97f4a7c15;
	return (uint32_t)((mix(model->dice) >> 32) * below >> 32);
}
