/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104). */
#ifndef SHA256_H
#define SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_BLOCK	64
#define SHA256_DIGEST	32

struct sha256 {
	uint32_t state[8];
	uint64_t length;	/* bytes so far */
	uint8_t block[SHA256_BLOCK];
};

struct hmac {
	struct sha256 inner;
	uint8_t outer_key[SHA256_BLOCK];
};

void sha256_start(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *data, size_t length);
void sha256_finish(struct sha256 *hash, uint8_t digest[SHA256_DIGEST]);

void hmac_start(struct hmac *mac, const void *key, size_t length);
void hmac_add(struct hmac *mac, const void *data, size_t length);
void hmac_finish(struct hmac *mac, uint8_t digest[SHA256_DIGEST]);

bool digest_equal(const uint8_t a[SHA256_DIGEST], const uint8_t b[SHA256_DIGEST]);

#endif
