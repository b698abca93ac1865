// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "wish-text.h"

/**
 * wish_to_text - write a wish down
 * @wish: of a process whose children are looked after too
 * @text: filled
 */
void wish_to_text(const struct wish *wish, char text[WISH_TEXT_BYTES])
{
	snprintf(text, WISH_TEXT_BYTES, "%u %u %u %u %u %u %u", wish->given,
		 wish->budget, wish->mode, wish->threshold, wish->window,
		 wish->nodes, wish->manual);
}

/* A program can set the variable to anything, so every number is checked. */
static bool is_valid(const struct wish *wish)
{
	uint32_t given = wish->given;

	return (!(given & WISH_MODE) || wish->mode < EOS_MODES) &&
	       (!(given & WISH_THRESHOLD) ||
		(wish->threshold >= 1 && wish->threshold <= THRESHOLD_MOST)) &&
	       (!(given & WISH_WINDOW) ||
		(wish->window >= 1 && wish->window <= WINDOW_MOST)) &&
	       (!(given & WISH_NODES) ||
		(wish->nodes >= 2 && wish->nodes <= EOS_NODES));
}

/**
 * wish_from_text - read what wish_to_text() has written
 * @text: of any content
 * @wish: filled
 *
 * Return: whether it is a wish.
 */
bool wish_from_text(const char *text, struct wish *wish)
{
	int end = -1;

	*wish = (struct wish){ .children = 1 };
	return sscanf(text, "%u %u %u %u %u %u %u%n", &wish->given,
		      &wish->budget, &wish->mode, &wish->threshold,
		      &wish->window, &wish->nodes, &wish->manual, &end) == 7 &&
	       end > 0 && !text[end] && is_valid(wish);
}
