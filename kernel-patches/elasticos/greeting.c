// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first message on a stream, HELLO: both ends check that the machines are
 * alike before anything else is said.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/crc32.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/processor.h>

#include "session.h"

/* A program may look at the vendor too; the model does not matter. */
static u32 eos_cpu_id(void)
{
	return crc32_le(~0, (u8 *)boot_cpu_data.x86_vendor_id,
			sizeof(boot_cpu_data.x86_vendor_id));
}

static void eos_hello_fill(struct eos_session *s, struct eos_wire_hello *hello,
			   unsigned int to)
{
	memset(hello, 0, sizeof(*hello));
	hello->page_size = cpu_to_le32(PAGE_SIZE);
	hello->cpu_size = cpu_to_le32(eos_cpu_size());
	hello->cpu_features = cpu_to_le64(eos_cpu_features());
	eos_processor_fill(&hello->processor);
	hello->cpu_id = cpu_to_le32(eos_cpu_id());
	hello->from = s->self;
	hello->to = to;
	hello->lease_ds = cpu_to_le16(s->lease_ms / 100);
}

/**
 * eos_hello_send - say who is at this end
 * @s: session; the streams are the caller's
 * @link: where to
 *
 * Home's list of mappings follows, or the answer to home's SYNC behind that.
 *
 * Return: 0 or -errno.
 */
int eos_hello_send(struct eos_session *s, struct eos_link *link)
{
	struct eos_wire_hello hello;
	struct kvec body[2] = { { }, { &hello, sizeof(hello) } };

	eos_hello_fill(s, &hello, link->node);
	return eos_send_ahead(link, EOS_HELLO, body, 2, sizeof(hello));
}

/*
 * Whether a program could go on there what it has begun here. What it could
 * not is logged by name.
 */
static bool eos_machines_alike(const struct eos_wire_hello *ours,
			       const struct eos_wire_hello *theirs)
{
	const char *what = NULL;
	char names[160];

	if (theirs->page_size != ours->page_size)
		what = "pages of another size";
	else if (theirs->cpu_id != ours->cpu_id)
		what = "another vendor";
	else if (eos_processor_differs(&ours->processor, &theirs->processor,
				       names, sizeof(names)))
		what = names;
	else if (theirs->cpu_size != ours->cpu_size ||
		 theirs->cpu_features != ours->cpu_features)
		what = "another register record";
	if (!what)
		return true;
	pr_err("node %u is refused for its processor: %s\n", theirs->from, what);
	return false;
}

/**
 * eos_hello_check - read who is at the other end
 * @s: session; the streams are the caller's
 * @link: the connection; the header has been read
 *
 * The two machines must be alike in all that registers and pages show. A shell
 * takes over home's lease: how often it has to say that it is alive.
 *
 * Return: 0, -EMEDIUMTYPE when they are not, or another -errno.
 */
int eos_hello_check(struct eos_session *s, struct eos_link *link)
{
	struct eos_wire_hello ours, theirs;
	u32 lease_ms;
	int ret;

	ret = eos_receive(link, &theirs, sizeof(theirs));
	if (ret)
		return ret;
	eos_hello_fill(s, &ours, link->node);
	if (theirs.from != ours.to || theirs.to != ours.from)
		return -EBADSLT;
	if (!eos_machines_alike(&ours, &theirs) || eos_cpu_size() > EOS_CPU_MAX)
		return -EMEDIUMTYPE;
	lease_ms = le16_to_cpu(theirs.lease_ds) * 100;
	if (!eos_lease_valid(lease_ms))
		return -EPROTO;
	if (!eos_is_home(s)) {
		eos_lease_set(s, lease_ms);
		eos_links_configure(s);
	}
	return 0;
}

/**
 * eos_greet - join a node
 * @s: session of current; mmap_lock and the mutex are held
 * @link: to the node
 *
 * All that it has to hear first goes at once, in one round trip.
 *
 * Return: 0, or -errno and the link is the caller's again.
 */
int eos_greet(struct eos_session *s, struct eos_link *link)
	__must_hold(&s->mutex)
{
	struct eos_header header;
	struct kvec body[1];
	int ret;

	eos_assert_mmap_locked(s->mm);
	lockdep_assert_held(&s->mutex);
	eos_set_link(s, link->node, link);
	ret = eos_hello_send(s, link);
	if (!ret)
		ret = eos_mmap_flush(s);
	if (!ret)
		ret = eos_send(link, EOS_SYNC, body, 1, 0);
	if (!ret)
		ret = eos_await(link, EOS_HELLO, &header);
	if (!ret)
		ret = eos_hello_check(s, link);
	/* its room is known from here on */
	if (!ret)
		ret = eos_await(link, EOS_SYNCED, &header);
	if (ret)
		eos_set_link(s, link->node, NULL);
	return ret;
}
