// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "content.h"

/* A token is spread over its words by an odd factor, which has an inverse. */
#define SPREAD     0x9e3779b97f4a7c15
#define OF_FILE    (1ULL << 63)
#define STEP_SHIFT 20

uint64_t token_of_write(uint64_t step, uint32_t count)
{
	return (step + 1) << STEP_SHIFT | (count & ((1U << STEP_SHIFT) - 1));
}

/* Of what a file holds at first. */
uint64_t token_of_file(int file, uint32_t page)
{
	return OF_FILE | (uint64_t)file << 32 | page;
}

static uint64_t word_of(uint64_t token, int at)
{
	return token ? token * SPREAD + at : 0;
}

uint64_t content_word(const struct content *content, int at)
{
	return word_of(content->token[at / UNIT_WORDS], at);
}

/**
 * unit_differs - compare a unit of a page with what it should hold
 * @page: the page
 * @unit: its number in the page
 * @token: of what it should hold
 *
 * Return: the first word of the page that differs, or -1.
 */
int unit_differs(const volatile uint64_t *page, int unit, uint64_t token)
{
	int at = unit * UNIT_WORDS;

	for (int end = at + UNIT_WORDS; at < end; at++)
		if (page[at] != word_of(token, at))
			return at;
	return -1;
}

int content_is_zero(const volatile uint64_t *page)
{
	for (int at = 0; at < (int)WORDS; at++)
		if (page[at])
			return 0;
	return 1;
}

void content_write_unit(volatile uint64_t *page, int unit, uint64_t token)
{
	int at = unit * UNIT_WORDS;

	for (int end = at + UNIT_WORDS; at < end; at++)
		page[at] = word_of(token, at);
}

void content_write(uint64_t *page, const struct content *content)
{
	for (int unit = 0; unit < UNITS; unit++)
		content_write_unit(page, unit, content->token[unit]);
}

static uint64_t inverse(uint64_t odd)
{
	uint64_t x = odd;

	/* each turn doubles the number of right bits, of which 3 are */
	for (int i = 0; i < 5; i++)
		x *= 2 - odd * x;
	return x;
}

/* The token that a word was made of; any other number if it was not made so. */
uint64_t content_token(uint64_t word, int at)
{
	return word ? (word - at) * inverse(SPREAD) : 0;
}

/**
 * content_describe - say which write a word comes from
 * @word: as it was found
 * @at: where in its page
 * @text: is filled
 * @size: of @text
 */
void content_describe(uint64_t word, int at, char *text, size_t size)
{
	uint64_t token = content_token(word, at);

	if (!word)
		snprintf(text, size, "zero");
	else if (token & OF_FILE && (token & ~OF_FILE) >> 40 == 0)
		snprintf(text, size, "page %u of file %u", (uint32_t)token,
			 (uint32_t)(token >> 32 & 0xff));
	else if (token >> 52 == 0)
		snprintf(text, size, "what step %llu wrote",
			 (unsigned long long)(token >> STEP_SHIFT) - 1);
	else
		snprintf(text, size, "%#llx", (unsigned long long)word);
}
