// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report.h"

/* A system call failed that must not. */
void failed(const char *what)
{
	printf("mmfuzz: FAILED at step %llu: %s: %s\n",
	       (unsigned long long)model->step, what, strerror(errno));
	exit(3);
}

static const char *name_of_kind(const struct page *page)
{
	static const char *const names[] = { "hole", "anonymous", "private",
					     "shared" };

	return names[page->kind];
}

/**
 * wrong - say what differs
 * @number: of the page in the arena
 * @at: the word of the page
 * @found: what it is
 * @want: what the page may hold
 * @how: the page was reached
 */
void wrong(uint32_t number, int at, uint64_t found, const struct expected *want,
	   const char *how)
{
	const struct page *page = &model->page[number];
	bool is_known = want->known & 1U << at / UNIT_WORDS;
	char is[64], should[64];

	content_describe(found, at, is, sizeof(is));
	content_describe(content_word(&want->content, at), at, should,
			 sizeof(should));
	printf("mmfuzz: WRONG at step %llu, %s: page %u (%s, %c%c), byte %d: found %s, not %s%s\n",
	       (unsigned long long)model->step, how, number, name_of_kind(page),
	       page->prot & PROT_READ ? 'r' : '-',
	       page->prot & PROT_WRITE ? 'w' : '-', at * 8, is, should,
	       is_known ? "" : " or later");
	_exit(1);
}
