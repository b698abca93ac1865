// SPDX-License-Identifier: GPL-2.0-only
/*
 * digest hash COUNT | digest hmac KEY COUNT: prints SHA-256, or HMAC-SHA256
 * with the text KEY, of COUNT letters a. Another implementation knows better.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sha256.h"

static void print(const uint8_t digest[SHA256_DIGEST])
{
	for (int i = 0; i < SHA256_DIGEST; i++)
		printf("%02x", digest[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	uint8_t digest[SHA256_DIGEST];
	struct sha256 hash;
	struct hmac mac;

	if (argc == 3 && !strcmp(argv[1], "hash")) {
		sha256_start(&hash);
		for (int i = atoi(argv[2]); i > 0; i--)
			sha256_add(&hash, "a", 1);
		sha256_finish(&hash, digest);
	} else if (argc == 4 && !strcmp(argv[1], "hmac")) {
		hmac_start(&mac, argv[2], strlen(argv[2]));
		for (int i = atoi(argv[3]); i > 0; i--)
			hmac_add(&mac, "a", 1);
		hmac_finish(&mac, digest);
	} else {
		return 2;
	}
	print(digest);
	return 0;
}
