/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers, which begin anew with each step. So a step does the same
 * whichever steps came before it, and a sequence of them can be shortened.
 */
#ifndef MMFUZZ_DICE_H
#define MMFUZZ_DICE_H

#include <stdint.h>

void dice_begin(uint64_t seed, uint64_t step);
uint32_t draw(uint32_t below);

#endif
