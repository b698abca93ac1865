// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model.h"

/* Of the contents of files. No run of some thousand steps has as many. */
#define VERSIONS_MOST (1U << 19)

/* Number 0 is not used. Children only read them. */
static struct version *versions;

/* The file that the model is mapped from, -1 in a child. */
static int model_file = -1;

static size_t model_bytes(uint32_t pages)
{
	return sizeof(*model) + pages * sizeof(model->page[0]);
}

static void *map_or_die(size_t bytes, int flags)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			flags | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED) {
		perror("mmfuzz: no memory for the model");
		exit(2);
	}
	return at;
}

static void map_model(size_t bytes)
{
	char name[] = "/tmp/mmfuzz-model-XXXXXX";

	model_file = mkostemp(name, O_CLOEXEC);
	if (model_file < 0 || unlink(name) || ftruncate(model_file, bytes) ||
	    mmap(model, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 model_file, 0) != model) {
		perror("mmfuzz: no file for the model");
		exit(2);
	}
}

/**
 * model_begin - make the model of an arena that is all holes
 * @pages: of the arena
 */
void model_begin(uint32_t pages)
{
	map_model(model_bytes(pages));
	versions = map_or_die(VERSIONS_MOST * sizeof(*versions), MAP_SHARED);
	model->pages = pages;
	for (int file = 0; file < FILES; file++)
		for (uint32_t page = 0; page < FILE_PAGES; page++)
			for (int unit = 0; unit < UNITS; unit++)
				model->files[file][page].content.token[unit] =
					token_of_file(file, page);
}

/* For a child, whose memory is its own from now on, and never stretched. */
void model_become_private(void)
{
	size_t bytes = model_bytes(model->pages);
	void *copy = map_or_die(bytes, MAP_PRIVATE);

	memcpy(copy, model, bytes);
	model_file = -1;
	if (mremap(copy, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, model) !=
	    model) {
		perror("mmfuzz: no model for the child");
		exit(2);
	}
}

static off_t offset_of(const void *in_model)
{
	return (const char *)in_model - (const char *)model;
}

static void die_of_copying(void)
{
	perror("mmfuzz: the model cannot be copied");
	exit(2);
}

/*
 * Copy a part of the model to memory of the process, and back: in one system
 * call, since each look at the model takes the execution home.
 */
void model_take(void *to, const void *from, size_t bytes)
{
	if (model_file < 0)
		memcpy(to, from, bytes);
	else if (pread(model_file, to, bytes, offset_of(from)) !=
		 (ssize_t)bytes)
		die_of_copying();
}

void model_put(void *to, const void *from, size_t bytes)
{
	if (model_file < 0)
		memcpy(to, from, bytes);
	else if (pwrite(model_file, from, bytes, offset_of(to)) !=
		 (ssize_t)bytes)
		die_of_copying();
}

static struct file_page *file_page_of(int file, uint32_t page)
{
	return &model->files[file][page];
}

/* What a page must hold, or what it may hold. */
struct expected model_expect(const struct page *page)
{
	const struct content *shared =
		&file_page_of(page->file, page->file_page)->content;
	bool is_shared = page->kind == FILE_SHARED;

	return (struct expected){
		.content = is_shared ? *shared : page->own,
		.file_page = page->file_page,
		.file = page->file,
		.known = is_shared ? UNITS_ALL : page->known,
		.may_be_zero = page->is_loose,
	};
}

/* Whether a unit of a file has held something since what is expected. */
static bool was_in_file(const struct expected *want, int unit, uint64_t token)
{
	const struct file_page *page =
		file_page_of(want->file, want->file_page);
	uint64_t held = page->content.token[unit];
	uint32_t before = page->before[unit];

	while (held != token && held != want->content.token[unit] && before) {
		held = versions[before].token;
		before = versions[before].before;
	}
	return held == token;
}

static int differs_in_unit(const volatile uint64_t *at,
			   const struct expected *want, int unit,
			   uint64_t *token)
{
	int first = unit * UNIT_WORDS;
	int word = unit_differs(at, unit, *token);

	/* the model ends a stay on another node: it is asked last */
	if (word < 0 || want->known & 1U << unit)
		return word;
	*token = content_token(at[first], first);
	return was_in_file(want, unit, *token) ?
		       unit_differs(at, unit, *token) :
		       word;
}

/**
 * model_differs - compare a page with what it may hold
 * @at: the page
 * @want: what it may hold
 * @seen: is filled: which of it the page holds
 *
 * Return: the first word that is wrong, or -1.
 */
int model_differs(const volatile uint64_t *at, const struct expected *want,
		  struct content *seen)
{
	*seen = want->content;
	for (int unit = 0; unit < UNITS; unit++) {
		int word = differs_in_unit(at, want, unit, &seen->token[unit]);

		if (word < 0)
			continue;
		if (!want->may_be_zero || !content_is_zero(at))
			return word;
		*seen = (struct content){ 0 };
		return -1;
	}
	return -1;
}

/**
 * model_saw - take note of which content of a file a page holds
 * @page: the page
 * @want: what it might hold
 * @seen: what it holds; it will hold nothing older
 */
void model_saw(struct page *page, const struct expected *want,
	       const struct content *seen)
{
	for (int unit = 0; unit < UNITS; unit++)
		if (!((want->known | page->known) & 1U << unit))
			page->own.token[unit] = seen->token[unit];
}

/* A private page that was written does not follow its file any more. */
void model_settle(struct page *page)
{
	if (page->known)
		page->known = UNITS_ALL;
}

/* A token that nothing was written with before. */
uint64_t model_token(void)
{
	return token_of_write(model->step, model->writes++);
}

void model_write_file(int file, uint32_t file_page, int unit, uint64_t token)
{
	struct file_page *page = file_page_of(file, file_page);
	uint32_t number = ++model->versions;

	if (number == VERSIONS_MOST) {
		fputs("mmfuzz: too many writes to files\n", stderr);
		exit(2);
	}
	versions[number].token = page->content.token[unit];
	versions[number].before = page->before[unit];
	page->before[unit] = number;
	page->content.token[unit] = token;
}

/* The rest of a private page of a file has to be seen before model_settle(). */
void model_write(struct page *page, int unit, uint64_t token)
{
	if (page->kind == FILE_SHARED) {
		model_write_file(page->file, page->file_page, unit, token);
		return;
	}
	page->own.token[unit] = token;
	page->known |= 1U << unit;
}

/* A page as it is when it has just been mapped. */
void model_forget(struct page *page)
{
	bool is_of_file = page->kind == FILE_PRIVATE;

	page->own = is_of_file ?
			    file_page_of(page->file, page->file_page)->content :
			    (struct content){ 0 };
	page->known = is_of_file ? 0 : UNITS_ALL;
	page->is_loose = false;
}

/**
 * model_map - take note of a new mapping
 * @run: the pages
 * @like: the first of them; the next has the next page of the file
 */
void model_map(const struct run *run, const struct page *like)
{
	uint32_t area = ++model->areas;

	for (uint32_t i = 0; i < run->count; i++) {
		struct page *page = &model->page[run->first + i];

		*page = *like;
		page->area = area;
		page->file_page = like->file_page + i;
		model_forget(page);
	}
}

void model_unmap(const struct run *run)
{
	memset(&model->page[run->first], 0,
	       run->count * sizeof(model->page[0]));
}

static bool is_neighbour(const struct page *a, const struct page *b,
			 bool any_mapping)
{
	if (any_mapping)
		return a->kind && b->kind;
	return a->kind == b->kind && a->area == b->area && a->prot == b->prot;
}

/**
 * model_run - find what belongs together around a page
 * @page: one that is mapped
 * @any_mapping: whether all mappings that touch each other count as one
 */
struct run model_run(uint32_t page, bool any_mapping)
{
	const struct page *of = &model->page[page];
	uint32_t first = page, end = page + 1;

	while (first &&
	       is_neighbour(&of[0], &model->page[first - 1], any_mapping))
		first--;
	while (end < model->pages &&
	       is_neighbour(&of[0], &model->page[end], any_mapping))
		end++;
	return (struct run){ first, end - first };
}

bool model_is_writable(const struct page *page)
{
	return page->prot & PROT_WRITE &&
	       !(page->kind == FILE_SHARED && model->shared_is_read_only);
}
