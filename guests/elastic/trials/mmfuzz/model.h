/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each page of the arena must hold, and each page of the files. The model
 * is in shared memory, which never leaves a process's home. So is all that
 * works on it, except for the stack: otherwise the execution would leave home
 * for that, and come back for the next look at the model.
 *
 * A private mapping of a file shows what the file holds, until the process
 * writes to the page. When the file changes meanwhile, POSIX leaves open
 * whether the page shows it, and pages that were away may not. So such a page
 * may hold any content that the file had since the page was mapped, or since
 * the process saw a newer one there: nothing older, and nothing else.
 */
#ifndef MMFUZZ_MODEL_H
#define MMFUZZ_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "content.h"

#define ARENA       ((char *)0x100000000000)
#define PAGES_MOST  65536U
#define FILES       3
#define FILE_PAGES  512U
#define VISITS_MOST 256U /* that are planned at a time */

enum kind { HOLE, ANONYMOUS, FILE_PRIVATE, FILE_SHARED };

/**
 * struct page - one page of the arena
 * @own: what it holds. Units of a file that are not @known: what was seen last
 * @area: neighbours with the same number come from one mapping
 * @file_page: of what is mapped here
 * @file: the same
 * @kind: enum kind
 * @prot: PROT_READ and so on
 * @known: a bit for each unit that holds @own; the others hold @own or what the
 *	file has got since
 * @is_loose: MADV_FREE was here: it may be all zeroes until it is written
 */
struct page {
	struct content own;
	uint32_t area;
	uint16_t file_page;
	uint8_t file;
	uint8_t kind;
	uint8_t prot;
	uint8_t known;
	bool is_loose;
};

/**
 * struct expected - what a page may hold
 * @content: of all units
 * @file_page: whose contents since @content are right, too
 * @file: the same
 * @known: a bit for each unit where they are not
 * @may_be_zero: it may be all zeroes
 */
struct expected {
	struct content content;
	uint16_t file_page;
	uint8_t file;
	uint8_t known;
	bool may_be_zero;
};

/* Neighbours that are one mapping, of one protection. */
struct run {
	uint32_t first;
	uint32_t count;
};

/* What a unit of a file held before it was written to. */
struct version {
	uint64_t token;
	uint32_t before; /* number of the version before it, 0: none */
};

struct file_page {
	struct content content;
	uint32_t before[UNITS]; /* the same */
};

/**
 * struct planned - one visit of a page
 * @page: its number in the arena
 * @writes: a bit for each unit that is written after the page was checked
 * @fresh: token of each unit that is written
 * @want: what the page may hold before it is written
 * @seen: what it held
 */
struct planned {
	uint32_t page;
	uint32_t writes;
	uint64_t fresh[UNITS];
	struct expected want;
	struct content seen;
};

struct model {
	uint32_t pages;    /* of the arena */
	uint32_t areas;    /* numbers of them that were given */
	uint32_t writes;   /* in this step */
	uint32_t versions; /* numbers of them that were given */
	uint32_t planned;  /* visits in @plan */
	uint64_t visits;   /* that were made */
	uint64_t calls;    /* that changed something */
	uint64_t step;
	uint64_t dice;
	bool shared_is_read_only; /* while another process reads it */
	struct planned plan[VISITS_MOST];
	struct file_page files[FILES][FILE_PAGES];
	struct page page[];
};

/* Where the model is, so that nobody has to look up where it is. */
static struct model *const model = (struct model *)0x200000000000;

void model_begin(uint32_t pages);
void model_become_private(void);
void model_take(void *to, const void *from, size_t bytes);
void model_put(void *to, const void *from, size_t bytes);
struct expected model_expect(const struct page *page);
int model_differs(const volatile uint64_t *at, const struct expected *want,
		  struct content *seen);
void model_saw(struct page *page, const struct expected *want,
	       const struct content *seen);
void model_settle(struct page *page);
uint64_t model_token(void);
void model_write(struct page *page, int unit, uint64_t token);
void model_write_file(int file, uint32_t file_page, int unit, uint64_t token);
void model_forget(struct page *page);
void model_map(const struct run *run, const struct page *like);
void model_unmap(const struct run *run);
struct run model_run(uint32_t page, bool any_mapping);
bool model_is_writable(const struct page *page);

static inline char *address_of(uint32_t page)
{
	return ARENA + page * PAGE;
}

#endif
