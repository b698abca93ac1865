// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "key.h"

#define HEX_DIGITS (2 * KEY_BYTES)

static int read_exactly(int fd, void *buffer, size_t length)
{
	char *at = buffer;

	while (length > 0) {
		ssize_t got = read(fd, at, length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EINVAL;
		at += got;
		length -= (size_t)got;
	}
	return 0;
}

static int hex_value(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = digit ? strchr(digits, tolower(digit)) : NULL;

	return found ? (int)(found - digits) : -1;
}

static int parse(const char *text, struct key *key)
{
	for (int i = 0; i < KEY_BYTES; i++) {
		int high = hex_value(text[2 * i]);
		int low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		key->bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

/**
 * key_read - read the shared secret
 * @path: a file of 64 hexadecimal digits that its owner alone may read
 * @key: filled
 *
 * Return: 0, -EPERM when others may read the file, -EINVAL when it holds
 * something else, or another -errno.
 */
int key_read(const char *path, struct key *key)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[HEX_DIGITS];
	struct stat status;
	int ret;

	if (fd < 0)
		return -errno;
	ret = fstat(fd, &status) ? -errno : 0;
	if (!ret && (status.st_mode & 0077))
		ret = -EPERM;
	if (!ret)
		ret = read_exactly(fd, text, sizeof(text));
	if (!ret)
		ret = parse(text, key);
	close(fd);
	memset(text, 0, sizeof(text));
	return ret;
}

/**
 * random_fill - random numbers that nobody can guess
 * @buffer: filled
 * @length: how many bytes
 *
 * They come from /dev/urandom, since 2.6.38 has no getrandom(2).
 *
 * Return: 0 or -errno.
 */
int random_fill(void *buffer, size_t length)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = read_exactly(fd, buffer, length);
	close(fd);
	return ret;
}
