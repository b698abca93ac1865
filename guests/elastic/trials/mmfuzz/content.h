/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a page holds. A page has eight units, and each unit is a function of one
 * token. Each write has a token of its own, so that a wrong word tells which
 * write it comes from.
 */
#ifndef MMFUZZ_CONTENT_H
#define MMFUZZ_CONTENT_H

#include <stddef.h>
#include <stdint.h>

#define PAGE       4096UL
#define WORDS      (PAGE / 8)
#define UNITS      8
#define UNIT_WORDS (WORDS / UNITS)
#define UNIT_BYTES (PAGE / UNITS)
#define UNITS_ALL  ((1U << UNITS) - 1)

struct content {
	uint64_t token[UNITS]; /* 0: the unit is all zeroes */
};

uint64_t token_of_write(uint64_t step, uint32_t count);
uint64_t token_of_file(int file, uint32_t page);
int unit_differs(const volatile uint64_t *page, int unit, uint64_t token);
int content_is_zero(const volatile uint64_t *page);
uint64_t content_word(const struct content *content, int word);
void content_write_unit(volatile uint64_t *page, int unit, uint64_t token);
uint64_t content_token(uint64_t word, int at);
void content_write(uint64_t *page, const struct content *content);
void content_describe(uint64_t word, int at, char *text, size_t size);

#endif
