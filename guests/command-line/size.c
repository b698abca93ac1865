// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "size.h"

/**
 * size_parse - read a size such as 64M
 * @text: a whole number, with or without K, M or G for powers of 1024
 * @bytes: filled
 *
 * Return: 0 or -EINVAL.
 */
int size_parse(const char *text, uint64_t *bytes)
{
	unsigned int shift = 0;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*bytes = strtoull(text, &end, 10);
	switch (*end) {
	case 'G':
		shift += 10;
		/* fall through */
	case 'M':
		shift += 10;
		/* fall through */
	case 'K':
		shift += 10;
		end++;
	}
	if (errno || *end || *bytes > UINT64_MAX >> shift)
		return -EINVAL;
	*bytes <<= shift;
	return 0;
}
