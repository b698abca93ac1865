// SPDX-License-Identifier: GPL-2.0-only
/*
 * digest: prints a code of COUNT letters a, as the nettle that is linked here
 * computes it. The test compares it with another implementation.
 *
 *	digest hash COUNT	SHA-256
 *	digest hmac KEY COUNT	HMAC-SHA256 with the text KEY
 */
#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(const uint8_t digest[SHA256_DIGEST_SIZE])
{
	for (int i = 0; i < SHA256_DIGEST_SIZE; i++)
		printf("%02x", digest[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	static const uint8_t letter[] = { 'a' };
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx hash;
	struct hmac_sha256_ctx mac;

	if (argc == 3 && !strcmp(argv[1], "hash")) {
		sha256_init(&hash);
		for (int i = atoi(argv[2]); i > 0; i--)
			sha256_update(&hash, 1, letter);
		sha256_digest(&hash, sizeof(digest), digest);
	} else if (argc == 4 && !strcmp(argv[1], "hmac")) {
		hmac_sha256_set_key(&mac, strlen(argv[2]),
				    (const uint8_t *)argv[2]);
		for (int i = atoi(argv[3]); i > 0; i--)
			hmac_sha256_update(&mac, 1, letter);
		hmac_sha256_digest(&mac, sizeof(digest), digest);
	} else {
		return 2;
	}
	print(digest);
	return 0;
}
