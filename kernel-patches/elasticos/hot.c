// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hot pages: those that go along with the execution. Wherever it arrives, it
 * needs its stack and some data at once, and each would be a pull.
 *
 * Hot is the page under the stack pointer; each page whose need made a pull soon
 * after an arrival, but not its read-ahead; and what came along with that, for as
 * long as it was used on every stay.
 */

#include <linux/kernel.h>
#include <linux/string.h>

#include "session.h"

#define EOS_HOT_SOON	8	/* pulls after an arrival */

static void eos_hot_add(struct eos_hot *hot, unsigned long address)
{
	unsigned int i;

	for (i = 0; i < hot->count; i++)
		if (hot->address[i] == address)
			return;
	if (hot->count < EOS_HOT_PAGES)
		hot->address[hot->count++] = address;
}

/**
 * eos_hot_received - pages were pushed here
 * @s: session, parked
 * @push: which; if they were few and a JUMP follows, they are hot
 * @count: of them
 */
void eos_hot_received(struct eos_session *s, const struct eos_wire_push *push,
		      unsigned int count)
{
	struct eos_hot *hot = &s->hot;
	unsigned int i;

	eos_assert_streams(s);
	hot->count = 0;
	if (count > EOS_HOT_PAGES)
		return;
	for (i = 0; i < count; i++)
		eos_hot_add(hot, le64_to_cpu(push->address[i]));
}

/**
 * eos_hot_arrived - the execution has come here
 * @s: session
 */
void eos_hot_arrived(struct eos_session *s)
{
	eos_assert_streams(s);
	s->hot.pulls = 0;
}

/**
 * eos_hot_pulled - a pull has brought pages
 * @s: session, running
 * @address: of the one that was needed
 */
void eos_hot_pulled(struct eos_session *s, unsigned long address)
{
	eos_assert_streams(s);
	if (s->hot.pulls >= EOS_HOT_SOON)
		return;
	s->hot.pulls++;
	eos_hot_add(&s->hot, address);
}

/**
 * eos_hot_push - send what is hot ahead of a JUMP
 * @s: session of current, running; mmap_lock and the mutex are held
 * @link: where the execution goes
 * @stack: the stack pointer
 *
 * Return: 0 or -errno when the stream broke.
 */
int eos_hot_push(struct eos_session *s, struct eos_link *link,
		 unsigned long stack)
	__must_hold(&s->mutex)
{
	unsigned long pages[EOS_HOT_PAGES];
	struct eos_hot *hot = &s->hot;
	unsigned int i, count = 0;

	eos_assert_mmap_locked(s->mm);
	lockdep_assert_held(&s->mutex);
	pages[count++] = stack & PAGE_MASK;
	for (i = 0; i < hot->count && count < EOS_HOT_PAGES; i++)
		if (hot->address[i] != pages[0] &&
		    eos_page_touched(s->mm, hot->address[i]) == 1)
			pages[count++] = hot->address[i];
	hot->count = 0;
	return eos_push_ahead(s, link, pages, count);
}
