// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "talk.h"

/*
 * A hello: magic, version, 0, the port and the address of the listener, and 32
 * random bytes. The dialler's hello names the node that it wants, the
 * listener's names itself. So nobody can pass a talk on to another node.
 */
#define MAGIC        0x4d534f45 /* "EOSM" */
#define VERSION      1
#define NONCE_AT     12
#define HELLO_BYTES  (NONCE_AT + 32)

#define HEADER_BYTES 4
#define LABEL_BYTES  16

enum side { DIALLER, LISTENER };

static int hello_make(uint8_t hello[HELLO_BYTES], struct endpoint listener)
{
	put_u32(hello, MAGIC);
	hello[4] = VERSION;
	hello[5] = 0;
	put_u16(hello + 6, listener.port);
	put_u32(hello + 8, listener.address);
	return random_fill(hello + NONCE_AT, HELLO_BYTES - NONCE_AT);
}

static int hello_check(const uint8_t hello[HELLO_BYTES],
		       struct endpoint listener)
{
	if (get_u32(hello) != MAGIC || hello[4] != VERSION || hello[5])
		return -EPROTO;
	if (get_u16(hello + 6) != listener.port ||
	    get_u32(hello + 8) != listener.address)
		return -EACCES;
	return 0;
}

struct greeting {
	uint8_t hello[2][HELLO_BYTES]; /* by side */
};

static void derive(const struct key *key, const char *label,
		   const struct greeting *greeting, uint8_t code[CODE_BYTES])
{
	uint8_t padded[LABEL_BYTES] = { 0 };
	struct hmac_sha256_ctx mac;

	memcpy(padded, label, strnlen(label, sizeof(padded)));
	hmac_sha256_set_key(&mac, sizeof(key->bytes), key->bytes);
	hmac_sha256_update(&mac, sizeof(padded), padded);
	hmac_sha256_update(&mac, HELLO_BYTES, greeting->hello[DIALLER]);
	hmac_sha256_update(&mac, HELLO_BYTES, greeting->hello[LISTENER]);
	hmac_sha256_digest(&mac, CODE_BYTES, code);
}

static void derive_keys(struct talk *talk, const struct key *key,
			const struct greeting *greeting)
{
	struct eos_keys *seal = &talk->seal;

	_Static_assert(CODE_BYTES == EOS_KEY_BYTES, "a code is a key");
	derive(key, "frames", greeting, talk->key);
	derive(key, "seal of dialler", greeting,
	       talk->dialler ? seal->out : seal->in);
	derive(key, "seal of listener", greeting,
	       talk->dialler ? seal->in : seal->out);
}

static void proof_of(enum side side, const struct key *key,
		     const struct greeting *greeting, uint8_t proof[CODE_BYTES])
{
	derive(key, side == DIALLER ? "dialler" : "listener", greeting, proof);
}

static int send_proof(struct talk *talk, enum side side, const struct key *key,
		      const struct greeting *greeting)
{
	uint8_t proof[CODE_BYTES];

	proof_of(side, key, greeting, proof);
	return stream_write(talk->fd, proof, sizeof(proof), talk->deadline);
}

static int check_proof(struct talk *talk, enum side side, const struct key *key,
		       const struct greeting *greeting)
{
	uint8_t proof[CODE_BYTES], right[CODE_BYTES];
	int ret;

	ret = stream_read(talk->fd, proof, sizeof(proof), talk->deadline);
	if (ret)
		return ret;
	proof_of(side, key, greeting, right);
	return memeql_sec(proof, right, sizeof(right)) ? 0 : -EACCES;
}

static int greet_as_dialler(struct talk *talk, struct endpoint to,
			    const struct key *key)
{
	struct greeting greeting;
	int ret;

	ret = hello_make(greeting.hello[DIALLER], to);
	if (!ret)
		ret = stream_write(talk->fd, greeting.hello[DIALLER],
				   HELLO_BYTES, talk->deadline);
	if (!ret)
		ret = stream_read(talk->fd, greeting.hello[LISTENER],
				  HELLO_BYTES, talk->deadline);
	if (!ret)
		ret = hello_check(greeting.hello[LISTENER], to);
	if (!ret)
		ret = check_proof(talk, LISTENER, key, &greeting);
	if (!ret)
		ret = send_proof(talk, DIALLER, key, &greeting);
	if (!ret)
		derive_keys(talk, key, &greeting);
	return ret;
}

static int greet_as_listener(struct talk *talk, const struct key *key)
{
	struct greeting greeting;
	struct endpoint self;
	int ret;

	ret = stream_own_end(talk->fd, &self);
	if (!ret)
		ret = stream_read(talk->fd, greeting.hello[DIALLER],
				  HELLO_BYTES, talk->deadline);
	if (!ret)
		ret = hello_check(greeting.hello[DIALLER], self);
	if (!ret)
		ret = hello_make(greeting.hello[LISTENER], self);
	if (!ret)
		ret = stream_write(talk->fd, greeting.hello[LISTENER],
				   HELLO_BYTES, talk->deadline);
	if (!ret)
		ret = send_proof(talk, LISTENER, key, &greeting);
	if (!ret)
		ret = check_proof(talk, DIALLER, key, &greeting);
	if (!ret)
		derive_keys(talk, key, &greeting);
	return ret;
}

/**
 * talk_dial - connect to a manager, and exchange proofs with it
 * @talk: filled
 * @to: its address and port
 * @key: the shared secret
 * @deadline: of the whole talk
 *
 * Return: 0, -EACCES when the other side does not know the key, or another
 * -errno. After an error there is nothing to close.
 */
int talk_dial(struct talk *talk, struct endpoint to, const struct key *key,
	      int64_t deadline)
{
	int ret;

	memset(talk, 0, sizeof(*talk));
	talk->dialler = true;
	talk->deadline = deadline;
	talk->fd = stream_dial(to, deadline);
	if (talk->fd < 0)
		return talk->fd;
	ret = greet_as_dialler(talk, to, key);
	if (ret)
		talk_close(talk);
	return ret;
}

/**
 * talk_accept - the listening side of talk_dial()
 * @talk: filled; it owns @fd from here on
 * @fd: an accepted connection
 * @key: the shared secret
 * @deadline: of the whole talk
 *
 * Return: as talk_dial().
 */
int talk_accept(struct talk *talk, int fd, const struct key *key,
		int64_t deadline)
{
	int ret;

	memset(talk, 0, sizeof(*talk));
	talk->deadline = deadline;
	talk->fd = fd;
	ret = greet_as_listener(talk, key);
	if (ret)
		talk_close(talk);
	return ret;
}

/*
 * The code of a frame. It covers the frame's direction and number, so that no
 * frame can be sent again or in another place.
 */
static void frame_code(const struct talk *talk, bool from_dialler,
		       uint32_t number, const uint8_t header[HEADER_BYTES],
		       const struct frame *frame, uint8_t code[CODE_BYTES])
{
	uint8_t place[5];
	struct hmac_sha256_ctx mac;

	place[0] = from_dialler;
	put_u32(place + 1, number);
	hmac_sha256_set_key(&mac, sizeof(talk->key), talk->key);
	hmac_sha256_update(&mac, sizeof(place), place);
	hmac_sha256_update(&mac, HEADER_BYTES, header);
	hmac_sha256_update(&mac, frame->length, frame->body);
	hmac_sha256_digest(&mac, CODE_BYTES, code);
}

/**
 * talk_send - send a frame
 * @talk: begun
 * @frame: at most FRAME_MOST bytes
 *
 * Return: 0 or -errno.
 */
int talk_send(struct talk *talk, const struct frame *frame)
{
	uint8_t wire[HEADER_BYTES + FRAME_MOST + CODE_BYTES];

	if (frame->length > FRAME_MOST)
		return -EMSGSIZE;
	put_u16(wire, frame->type);
	put_u16(wire + 2, frame->length);
	memcpy(wire + HEADER_BYTES, frame->body, frame->length);
	frame_code(talk, talk->dialler, talk->sent++, wire, frame,
		   wire + HEADER_BYTES + frame->length);
	return stream_write(talk->fd, wire,
			    HEADER_BYTES + frame->length + CODE_BYTES,
			    talk->deadline);
}

/**
 * talk_receive - receive a frame
 * @talk: begun
 * @frame: filled; the caller checks whether the length is right for the type
 *
 * Return: 0, -EPROTO when it is not the next frame of this talk, or another
 * -errno.
 */
int talk_receive(struct talk *talk, struct frame *frame)
{
	uint8_t header[HEADER_BYTES], code[CODE_BYTES], right[CODE_BYTES];
	int ret;

	ret = stream_read(talk->fd, header, sizeof(header), talk->deadline);
	if (ret)
		return ret;
	frame->type = get_u16(header);
	frame->length = get_u16(header + 2);
	if (frame->length > FRAME_MOST)
		return -EPROTO;
	ret = stream_read(talk->fd, frame->body, frame->length, talk->deadline);
	if (!ret)
		ret = stream_read(talk->fd, code, sizeof(code), talk->deadline);
	if (ret)
		return ret;
	frame_code(talk, !talk->dialler, talk->received++, header, frame,
		   right);
	return memeql_sec(code, right, sizeof(right)) ? 0 : -EPROTO;
}

/**
 * talk_keys - what the kernel needs to seal the connection of a talk
 * @talk: begun
 * @sealed: whether it is to
 *
 * Nobody who does not know the shared secret can work the keys out. They are
 * those of this talk only, since both sides' random bytes are in them.
 *
 * Return: the address of the keys, as requests to the kernel have it, or 0.
 */
uint64_t talk_keys(const struct talk *talk, bool sealed)
{
	return sealed ? (uintptr_t)&talk->seal : 0;
}

/**
 * talk_close - close this process's end of a talk, and forget its keys
 * @talk: begun
 */
void talk_close(struct talk *talk)
{
	close(talk->fd);
	talk->fd = -1;
	explicit_bzero(talk->key, sizeof(talk->key));
	explicit_bzero(&talk->seal, sizeof(talk->seal));
}
