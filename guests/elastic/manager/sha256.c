// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "sha256.h"

/* Fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
static const uint32_t rounds[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t value, unsigned int by)
{
	return value >> by | value << (32 - by);
}

static uint32_t big_endian(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

static void schedule(uint32_t w[64], const uint8_t *block)
{
	for (int i = 0; i < 16; i++)
		w[i] = big_endian(block + 4 * i);
	for (int i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] +
		       (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

static void compress(uint32_t state[8], const uint8_t *block)
{
	uint32_t w[64], v[8];

	schedule(w, block);
	memcpy(v, state, sizeof(v));
	for (int i = 0; i < 64; i++) {
		uint32_t sum1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
		uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
		uint32_t sum0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
		uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
		uint32_t t = v[7] + sum1 + choice + rounds[i] + w[i];

		memmove(v + 1, v, 7 * sizeof(*v));
		v[4] += t;
		v[0] = t + sum0 + majority;
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

/**
 * sha256_start - begin a hash
 * @hash: to begin
 */
void sha256_start(struct sha256 *hash)
{
	/* square roots of the first eight primes (FIPS 180-4, 5.3.3) */
	static const uint32_t initial[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};

	memcpy(hash->state, initial, sizeof(initial));
	hash->length = 0;
}

/**
 * sha256_add - hash some bytes more
 * @hash: begun
 * @data: bytes
 * @length: how many
 */
void sha256_add(struct sha256 *hash, const void *data, size_t length)
{
	const uint8_t *from = data;

	while (length > 0) {
		size_t have = hash->length % SHA256_BLOCK;
		size_t take = SHA256_BLOCK - have;

		if (take > length)
			take = length;
		memcpy(hash->block + have, from, take);
		hash->length += take;
		from += take;
		length -= take;
		if (hash->length % SHA256_BLOCK == 0)
			compress(hash->state, hash->block);
	}
}

/**
 * sha256_finish - the digest
 * @hash: begun; of no use afterwards
 * @digest: filled
 */
void sha256_finish(struct sha256 *hash, uint8_t digest[SHA256_DIGEST])
{
	static const uint8_t padding[SHA256_BLOCK] = { 0x80 };
	uint64_t bits = hash->length * 8;
	uint8_t length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(hash, padding, 1 + (119 - hash->length % SHA256_BLOCK) % SHA256_BLOCK);
	sha256_add(hash, length, sizeof(length));
	for (int i = 0; i < SHA256_DIGEST; i++)
		digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

/**
 * hmac_start - begin a message authentication code
 * @mac: to begin
 * @key: secret
 * @length: of the key
 */
void hmac_start(struct hmac *mac, const void *key, size_t length)
{
	uint8_t inner_key[SHA256_BLOCK] = { 0 };

	if (length > SHA256_BLOCK) {
		sha256_start(&mac->inner);
		sha256_add(&mac->inner, key, length);
		sha256_finish(&mac->inner, inner_key);
	} else {
		memcpy(inner_key, key, length);
	}
	for (int i = 0; i < SHA256_BLOCK; i++) {
		mac->outer_key[i] = inner_key[i] ^ 0x5c;
		inner_key[i] ^= 0x36;
	}
	sha256_start(&mac->inner);
	sha256_add(&mac->inner, inner_key, sizeof(inner_key));
}

/**
 * hmac_add - authenticate some bytes more
 * @mac: begun
 * @data: bytes
 * @length: how many
 */
void hmac_add(struct hmac *mac, const void *data, size_t length)
{
	sha256_add(&mac->inner, data, length);
}

/**
 * hmac_finish - the code
 * @mac: begun; of no use afterwards
 * @digest: filled
 */
void hmac_finish(struct hmac *mac, uint8_t digest[SHA256_DIGEST])
{
	struct sha256 outer;

	sha256_finish(&mac->inner, digest);
	sha256_start(&outer);
	sha256_add(&outer, mac->outer_key, sizeof(mac->outer_key));
	sha256_add(&outer, digest, SHA256_DIGEST);
	sha256_finish(&outer, digest);
}

/**
 * digest_equal - compare in a time that tells nothing
 * @a: a digest
 * @b: another
 */
bool digest_equal(const uint8_t a[SHA256_DIGEST], const uint8_t b[SHA256_DIGEST])
{
	uint8_t difference = 0;

	for (int i = 0; i < SHA256_DIGEST; i++)
		difference |= a[i] ^ b[i];
	return difference == 0;
}
