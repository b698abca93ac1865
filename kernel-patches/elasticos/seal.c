// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sealed wire: what leaves on a connection is cut into records, each
 * encrypted and authenticated by AES-256-GCM. docs/elasticos-wire.md has the
 * format.
 *
 * The managers derive two keys for each connection, one for each direction, and
 * hand them over with the socket. A record's nonce is its number in its
 * direction, which is not sent: a record that was changed, repeated, left out or
 * put in another place does not open. A number is used up also by what fails, so
 * no nonce is ever used twice with one key.
 *
 * The first record that does not open ends the connection: its keys are not used
 * any more.
 * So whoever forges has one guess at a tag of 16 bytes. That is why it does no
 * harm that 2.6.38 compares tags by memcmp(), whose time depends on them; later
 * kernels take crypto_memneq().
 *
 * All memory is there before the first message, since pages are sealed when
 * there is none. Nonce and content are aligned for the same reason: the kernel's
 * ciphers allocate where they are not. This file does no input or output; see
 * transport.c.
 */

#include <crypto/aead.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/unaligned.h>

#include "session.h"

/*
 * The pages of a direction: the nonce, then the record, whose content is aligned.
 * The gcm of 2.6.38 writes its counter behind the nonce.
 */
#define EOS_SEAL_ORDER	2
#define EOS_SEAL_NONCE	12
#define EOS_SEAL_COUNTER 4
#define EOS_SEAL_CONTENT 32
#define EOS_SEAL_RECORD	(EOS_SEAL_CONTENT - sizeof(struct eos_wire_record))

/* One direction. */
struct eos_seal_way {
	struct crypto_aead *cipher;
	struct aead_request *request;
	struct completion done;
	int error;
	struct scatterlist list[2];
	u64 number;		/* of the next record */
	unsigned long pages;	/* address; see EOS_SEAL_ORDER */
};

struct eos_seal {
	/* Of the streams. */
	struct eos_seal_way out;
	struct eos_seal_way in;
	size_t at;		/* in the content that came last */
	size_t left;		/* of it, from there */
};

static u8 *eos_seal_nonce(const struct eos_seal_way *way)
{
	return (u8 *)way->pages;
}

static struct eos_wire_record *eos_seal_record(const struct eos_seal_way *way)
{
	return (struct eos_wire_record *)(way->pages + EOS_SEAL_RECORD);
}

static u8 *eos_seal_content(const struct eos_seal_way *way)
{
	return (u8 *)(way->pages + EOS_SEAL_CONTENT);
}

static void eos_seal_done(struct crypto_async_request *request, int error)
{
	struct eos_seal_way *way = request->data;

	if (error == -EINPROGRESS)	/* it had to queue, and begins */
		return;
	way->error = error;
	complete(&way->done);
}

static int eos_seal_way_init(struct eos_seal_way *way, const u8 *key)
{
	int ret;

	BUILD_BUG_ON(EOS_SEAL_NONCE + EOS_SEAL_COUNTER > EOS_SEAL_RECORD);
	BUILD_BUG_ON(EOS_SEAL_CONTENT + EOS_RECORD_MOST + EOS_TAG_BYTES >
		     PAGE_SIZE << EOS_SEAL_ORDER);
	init_completion(&way->done);
	way->pages = __get_free_pages(GFP_KERNEL | __GFP_ZERO, EOS_SEAL_ORDER);
	if (!way->pages)
		return -ENOMEM;
	way->cipher = crypto_alloc_aead("gcm(aes)", 0, 0);
	if (IS_ERR(way->cipher)) {
		ret = PTR_ERR(way->cipher);
		way->cipher = NULL;
		return ret;
	}
	ret = crypto_aead_setkey(way->cipher, key, EOS_KEY_BYTES);
	if (!ret)
		ret = crypto_aead_setauthsize(way->cipher, EOS_TAG_BYTES);
	if (ret)
		return ret;
	way->request = aead_request_alloc(way->cipher, GFP_KERNEL);
	if (!way->request)
		return -ENOMEM;
	aead_request_set_callback(way->request,
				  CRYPTO_TFM_REQ_MAY_SLEEP |
				  CRYPTO_TFM_REQ_MAY_BACKLOG,
				  eos_seal_done, way);
	return 0;
}

static void eos_seal_way_free(struct eos_seal_way *way)
{
	aead_request_free(way->request);
	if (way->cipher)
		crypto_free_aead(way->cipher);
	free_pages(way->pages, EOS_SEAL_ORDER);
}

static struct eos_seal *eos_seal_with(const struct eos_keys *keys)
{
	struct eos_seal *seal;
	int ret;

	/* both directions count from 0 */
	if (!memcmp(keys->out, keys->in, EOS_KEY_BYTES))
		return ERR_PTR(-EINVAL);
	seal = kzalloc(sizeof(*seal), GFP_KERNEL);
	if (!seal)
		return ERR_PTR(-ENOMEM);
	ret = eos_seal_way_init(&seal->out, keys->out);
	if (!ret)
		ret = eos_seal_way_init(&seal->in, keys->in);
	if (!ret)
		return seal;
	eos_seal_destroy(seal);
	return ERR_PTR(ret);
}

/**
 * eos_seal_create - prepare to seal a connection
 * @keys: pointer of the caller's to struct eos_keys; or 0
 *
 * Nothing of the keys stays on the stack. The kernel's ciphers clear what they
 * keep when eos_seal_destroy() frees them, but for the hash's key in 2.6.38.
 *
 * Return: the seal; NULL if the connection is to be plain; or an ERR_PTR.
 */
struct eos_seal *eos_seal_create(u64 keys)
{
	struct eos_seal *seal;
	struct eos_keys copy;

	if (!keys)
		return NULL;
	if (copy_from_user(&copy, (const void __user *)(unsigned long)keys,
			   sizeof(copy)))
		seal = ERR_PTR(-EFAULT);
	else
		seal = eos_seal_with(&copy);
	memzero_explicit(&copy, sizeof(copy));
	return seal;
}

/**
 * eos_seal_destroy - the connection is closed
 * @seal: of it, or NULL
 */
void eos_seal_destroy(struct eos_seal *seal)
{
	if (!seal)
		return;
	eos_seal_way_free(&seal->out);
	eos_seal_way_free(&seal->in);
	kfree(seal);
}

/* Encrypt the record of a direction in its place, or decrypt it. */
static int eos_seal_crypt(struct eos_seal_way *way,
			  int (*crypt)(struct aead_request *request),
			  size_t length)
{
	int ret;

	put_unaligned_be64(way->number++, eos_seal_nonce(way) + EOS_SEAL_NONCE -
					  sizeof(way->number));
	eos_aead_set(way->request, way->list, eos_seal_record(way),
		     sizeof(struct eos_wire_record), length, EOS_TAG_BYTES,
		     crypt == crypto_aead_decrypt, eos_seal_nonce(way));
	ret = crypt(way->request);
	if (ret == -EINPROGRESS || ret == -EBUSY) {
		wait_for_completion(&way->done);
		ret = way->error;
	}
	return ret;
}

/**
 * eos_seal_close - make a record of the next bytes to send
 * @seal: of the connection; the streams are the caller's
 * @parts: of the message, moved on by what fits into a record
 * @length: bytes in them, lowered likewise
 * @record: set to what has to go out
 *
 * Return: 0 or -errno.
 */
int eos_seal_close(struct eos_seal *seal, struct kvec *parts, size_t *length,
		   struct kvec *record)
{
	struct eos_seal_way *way = &seal->out;
	size_t size = min_t(size_t, *length, EOS_RECORD_MOST);
	u8 *at = eos_seal_content(way);
	size_t left = size;

	for (; left; parts++) {
		size_t step = min(left, parts->iov_len);

		memcpy(at, parts->iov_base, step);
		parts->iov_base += step;
		parts->iov_len -= step;
		at += step;
		left -= step;
	}
	*length -= size;
	eos_seal_record(way)->length = cpu_to_le32(size);
	record->iov_base = eos_seal_record(way);
	record->iov_len = sizeof(struct eos_wire_record) + size + EOS_TAG_BYTES;
	return eos_seal_crypt(way, crypto_aead_encrypt, size);
}

/**
 * eos_seal_begin - where the beginning of the next record is to be read to
 * @seal: of the connection; nothing is left of the last one
 * @part: set to the place
 */
void eos_seal_begin(struct eos_seal *seal, struct kvec *part)
{
	part->iov_base = eos_seal_record(&seal->in);
	part->iov_len = sizeof(struct eos_wire_record);
}

/**
 * eos_seal_rest - where the rest of the record is to be read to
 * @seal: of the connection; its beginning has been read
 * @part: set to the place
 *
 * The length is believed only as far as the buffer goes, until the tag that
 * covers it has been checked.
 *
 * Return: 0, -EPROTO if it is the header of a message in clear, or -EBADMSG if
 * there is no such record.
 */
int eos_seal_rest(struct eos_seal *seal, struct kvec *part)
{
	u32 length = le32_to_cpu(eos_seal_record(&seal->in)->length);

	if (length == EOS_MAGIC)
		return -EPROTO;
	if (!length || length > EOS_RECORD_MOST)
		return -EBADMSG;
	part->iov_base = eos_seal_content(&seal->in);
	part->iov_len = length + EOS_TAG_BYTES;
	return 0;
}

/**
 * eos_seal_open - check a record that has come, and decrypt it
 * @seal: of the connection
 *
 * Return: 0, -EBADMSG if it is not the next that the other end has sealed, or
 * another -errno.
 */
int eos_seal_open(struct eos_seal *seal)
{
	u32 length = le32_to_cpu(eos_seal_record(&seal->in)->length);
	int ret = eos_seal_crypt(&seal->in, crypto_aead_decrypt, length);

	if (ret)
		return ret;
	seal->at = 0;
	seal->left = length;
	return 0;
}

/**
 * eos_seal_left - how much of what was opened has not been taken yet
 * @seal: of the connection, or NULL
 */
size_t eos_seal_left(const struct eos_seal *seal)
{
	return seal ? seal->left : 0;
}

/**
 * eos_seal_take - take bytes of what was opened
 * @seal: of the connection
 * @parts: where to, moved on
 * @length: how many there is place for
 *
 * Return: how many were taken.
 */
size_t eos_seal_take(struct eos_seal *seal, struct kvec *parts, size_t length)
{
	size_t size = min(length, seal->left), left = size;
	const u8 *from = eos_seal_content(&seal->in) + seal->at;

	for (; left; parts++) {
		size_t step = min(left, parts->iov_len);

		memcpy(parts->iov_base, from, step);
		parts->iov_base += step;
		parts->iov_len -= step;
		from += step;
		left -= step;
	}
	seal->at += size;
	seal->left -= size;
	return size;
}
