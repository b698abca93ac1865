// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read-ahead: how many pages to ask for at once.
 *
 * A program reads and writes several places in turn, so a table remembers where
 * many sequences go on, found by the page that continues them. A fault that
 * continues one doubles its window; any other begins a new one.
 *
 * How much a new one begins with is learnt. When it is continued, it could have
 * begun with twice as much. When pages that it brought are still untouched
 * after the next EOS_JUDGED such pulls, it should have begun with those that
 * were used.
 */

#include <linux/kernel.h>
#include <linux/vmalloc.h>

#include "session.h"

#define EOS_STREAMS	1024	/* sequences remembered, a power of two */
#define EOS_SKIP	16	/* pages already here, between two faults */
#define EOS_JUDGED	32	/* beginnings awaiting judgement */
#define EOS_START_UNIT	16	/* of the start, which is a moving average */

struct eos_stream {
	unsigned long next;	/* address that continues it; 0: none */
	u16 window;		/* pages asked for last */
	bool begun;		/* that was its first pull */
};

struct eos_beginning {
	unsigned long address;
	unsigned int pages;
};

struct eos_readahead {
	/* Of the session's streams. */
	struct eos_stream streams[EOS_STREAMS];
	struct eos_beginning judged[EOS_JUDGED];
	unsigned int judge;		/* the oldest of them */
	unsigned int start;		/* in 1/EOS_START_UNIT pages */
	struct eos_stream asked;	/* what the pull under way is part of */
};

/**
 * eos_readahead_create - nothing learnt yet
 *
 * Return: NULL without memory.
 */
struct eos_readahead *eos_readahead_create(void)
{
	struct eos_readahead *ra = vmalloc(sizeof(*ra));

	if (!ra)
		return NULL;
	memset(ra, 0, sizeof(*ra));
	ra->start = EOS_START_UNIT;
	return ra;
}

static struct eos_stream *eos_stream_slot(struct eos_readahead *ra,
					  unsigned long next)
{
	return &ra->streams[(next >> PAGE_SHIFT) % EOS_STREAMS];
}

/* The sequence that a fault continues; pages in between may have been here. */
static struct eos_stream *eos_stream_find(struct eos_readahead *ra,
					  unsigned long address)
{
	unsigned long next = address;
	unsigned int i;

	for (i = 0; i < EOS_SKIP && next; i++, next -= PAGE_SIZE) {
		struct eos_stream *stream = eos_stream_slot(ra, next);

		if (stream->next == next)
			return stream;
	}
	return NULL;
}

static void eos_start_learn(struct eos_readahead *ra, unsigned int pages)
{
	int want = min(pages, EOS_WINDOW_MAX / 2U) * EOS_START_UNIT;

	ra->start += (want - (int)ra->start) / 8;
	ra->start = max_t(unsigned int, ra->start, EOS_START_UNIT);
}

/* How many pages to ask for, next in a sequence or as the first of one. */
static unsigned int eos_stream_pages(const struct eos_session *s,
				     const struct eos_stream *stream)
{
	unsigned int pages = stream ? 2 * stream->window :
			     DIV_ROUND_CLOSEST(s->readahead->start,
					       EOS_START_UNIT);

	return min(pages, s->policy.window);
}

/**
 * eos_readahead_expected - how many pages a fault would bring
 * @s: session, running; the mutex is held
 * @address: touched
 */
unsigned int eos_readahead_expected(struct eos_session *s,
				    unsigned long address)
{
	eos_assert_streams(s);
	return eos_stream_pages(s, eos_stream_find(s->readahead, address));
}

/**
 * eos_readahead_window - how many pages to ask for
 * @s: session, running; the mutex is held
 * @address: touched
 */
unsigned int eos_readahead_window(struct eos_session *s, unsigned long address)
{
	struct eos_readahead *ra = s->readahead;
	struct eos_stream *stream = eos_stream_find(ra, address);

	eos_assert_streams(s);
	ra->asked.window = eos_stream_pages(s, stream);
	ra->asked.begun = !stream;
	if (stream) {
		if (stream->begun)
			eos_start_learn(ra, 2 * stream->window);
		stream->next = 0;
	}
	return ra->asked.window;
}

/* Were the pages worth bringing that came at the beginning of a sequence? */
static void eos_readahead_judge(struct eos_session *s,
				const struct eos_beginning *beginning)
{
	unsigned int i, touched = 0, untouched = 0;

	for (i = 0; i < beginning->pages; i++) {
		switch (eos_page_touched(s->mm, beginning->address +
						i * PAGE_SIZE)) {
		case 1:
			touched++;
			break;
		case 0:
			untouched++;
			break;
		default:	/* gone again */
			break;
		}
	}
	if (untouched)
		eos_start_learn(s->readahead, touched);
}

/**
 * eos_readahead_pulled - a pull for which the window was asked succeeded
 * @s: session, running; mmap_lock and the mutex are held
 * @address: touched
 * @pages: that came
 */
void eos_readahead_pulled(struct eos_session *s, unsigned long address,
			  unsigned int pages)
{
	struct eos_readahead *ra = s->readahead;
	struct eos_stream *stream;

	eos_assert_mmap_locked(s->mm);
	eos_assert_streams(s);
	if (ra->asked.begun && pages > 1) {
		struct eos_beginning *oldest = &ra->judged[ra->judge];

		eos_readahead_judge(s, oldest);
		oldest->address = address;
		oldest->pages = pages;
		ra->judge = (ra->judge + 1) % EOS_JUDGED;
	}
	stream = eos_stream_slot(ra, address + pages * PAGE_SIZE);
	*stream = ra->asked;
	stream->next = address + pages * PAGE_SIZE;
}
