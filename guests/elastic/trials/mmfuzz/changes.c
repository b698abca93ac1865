// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "changes.h"
#include "dice.h"
#include "report.h"

static int files[FILES];

static void make_file(int file)
{
	uint64_t page[WORDS];
	char name[64];

	snprintf(name, sizeof(name), "/tmp/mmfuzz-%d-%d", (int)getpid(), file);
	files[file] = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (files[file] < 0)
		failed(name);
	unlink(name);
	for (uint32_t i = 0; i < FILE_PAGES; i++) {
		content_write(page, &model->files[file][i].content);
		if (write(files[file], page, PAGE) != (ssize_t)PAGE)
			failed("write");
	}
}

/* Maps all of the arena, and makes the files. */
void changes_begin(void)
{
	struct run all = { 0, model->pages };
	struct page anonymous = { .kind = ANONYMOUS,
				  .prot = PROT_READ | PROT_WRITE };

	for (int file = 0; file < FILES; file++)
		make_file(file);
	if (mmap(ARENA, all.count * PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != ARENA)
		failed("mmap of the arena");
	model_map(&all, &anonymous);
}

/* Short ones are as likely as long ones. */
static struct run draw_run(void)
{
	uint32_t first = draw(model->pages), count = 1 + draw(1U << draw(10));

	if (count > model->pages - first)
		count = model->pages - first;
	return (struct run){ first, count };
}

/* A part of a mapping, or no pages. */
static struct run draw_part(void)
{
	uint32_t page = draw(model->pages), skipped;
	struct run run;

	if (model->page[page].kind == HOLE)
		return (struct run){ 0, 0 };
	run = model_run(page, false);
	if (!draw(3))
		return run;
	skipped = draw(run.count);
	return (struct run){ run.first + skipped,
			     1 + draw(run.count - skipped) };
}

static int draw_prot(void)
{
	switch (draw(8)) {
	case 0:
		return PROT_NONE;
	case 1:
	case 2:
		return PROT_READ;
	default:
		return PROT_READ | PROT_WRITE;
	}
}

static int flags_of(const struct page *like)
{
	int flags = MAP_FIXED;

	flags |= like->kind == FILE_SHARED ? MAP_SHARED : MAP_PRIVATE;
	flags |= like->kind == ANONYMOUS ? MAP_ANONYMOUS : 0;
	/* it would part writable private pages from their file */
	if (like->kind != FILE_PRIVATE || !(like->prot & PROT_WRITE))
		flags |= draw(8) ? 0 : MAP_POPULATE;
	return flags;
}

static void map(const struct run *run, const struct page *like)
{
	char *at = address_of(run->first);

	/* there may be something, which goes away then, or nothing */
	if (draw(2)) {
		munmap(at, run->count * PAGE);
		model_unmap(run);
	}
	if (mmap(at, run->count * PAGE, like->prot, flags_of(like),
		 like->kind == ANONYMOUS ? -1 : files[like->file],
		 like->file_page * PAGE) != at)
		failed("mmap");
	model_map(run, like);
}

void map_anonymous(void)
{
	struct run run = draw_run();
	struct page like = { .kind = ANONYMOUS, .prot = draw_prot() };

	map(&run, &like);
}

static void map_some_file(struct run run)
{
	struct page like = {
		.kind = draw(4) ? FILE_PRIVATE : FILE_SHARED,
		.prot = draw(2) ? PROT_READ : draw_prot(),
		.file = draw(FILES),
	};

	if (run.count > FILE_PAGES)
		run.count = FILE_PAGES;
	like.file_page = draw(FILE_PAGES - run.count + 1);
	map(&run, &like);
}

void map_file(void)
{
	map_some_file(draw_run());
}

/* Another file in the place of one, as a program does that reads many. */
void map_over(void)
{
	uint32_t page = draw(model->pages);

	if (model->page[page].kind >= FILE_PRIVATE)
		map_some_file(model_run(page, false));
}

void unmap(void)
{
	struct run run = draw_run();

	run.count = 1 + run.count / 4;
	if (munmap(address_of(run.first), run.count * PAGE))
		failed("munmap");
	model_unmap(&run);
}

/* Calls for each stretch of a run that has no hole in it. */
static void each_mapped(const struct run *run,
			void (*call)(const struct run *part, int argument),
			int argument)
{
	uint32_t at = run->first, end = run->first + run->count;

	while (at < end) {
		struct run part;

		if (model->page[at].kind == HOLE) {
			at++;
			continue;
		}
		part = model_run(at, true);
		part.count = part.first + part.count - at;
		part.first = at;
		if (part.count > end - at)
			part.count = end - at;
		call(&part, argument);
		at += part.count;
	}
}

static void protect_part(const struct run *part, int prot)
{
	if (mprotect(address_of(part->first), part->count * PAGE, prot))
		failed("mprotect");
	for (uint32_t i = 0; i < part->count; i++)
		model->page[part->first + i].prot = prot;
}

void protect(void)
{
	struct run run = draw_run();

	each_mapped(&run, protect_part, draw_prot());
}

static void forget_part(const struct run *part, int advice)
{
	if (madvise(address_of(part->first), part->count * PAGE, advice))
		failed("madvise");
	for (uint32_t i = 0; i < part->count; i++)
		model_forget(&model->page[part->first + i]);
}

void forget(void)
{
	struct run run = draw_run();

	run.count = 1 + run.count / 4;
	each_mapped(&run, forget_part, MADV_DONTNEED);
}

/* Advice that changes no content. Not every kernel knows all of it. */
static void advise_part(const struct run *part, int advice)
{
	madvise(address_of(part->first), part->count * PAGE, advice);
}

void advise(void)
{
	static const int harmless[] = {
		MADV_NORMAL,   MADV_RANDOM,     MADV_SEQUENTIAL,
		MADV_WILLNEED, MADV_MERGEABLE,  MADV_UNMERGEABLE,
		MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_COLD,
		MADV_PAGEOUT,
	};
	struct run run = draw_run();

	each_mapped(&run, advise_part,
		    harmless[draw(sizeof(harmless) / sizeof(*harmless))]);
}

void free_lazily(void)
{
	struct run part = draw_part();

	if (!part.count || model->page[part.first].kind != ANONYMOUS)
		return;
	/* 2.6.38.8 does not know it */
	if (madvise(address_of(part.first), part.count * PAGE, MADV_FREE))
		return;
	for (uint32_t i = 0; i < part.count; i++)
		model->page[part.first + i].is_loose = true;
}

static void take_along(const struct run *from, uint32_t to)
{
	uint32_t area = ++model->areas;
	size_t bytes = from->count * sizeof(struct page);
	struct page *pages = malloc(bytes);

	if (!pages)
		failed("malloc");
	memcpy(pages, &model->page[from->first], bytes);
	model_unmap(from);
	for (uint32_t i = 0; i < from->count; i++) {
		pages[i].area = area;
		model->page[to + i] = pages[i];
	}
	free(pages);
}

static bool overlap(const struct run *a, const struct run *b)
{
	return a->first < b->first + b->count && b->first < a->first + a->count;
}

/* Moves a part of a mapping to another place. */
void move(void)
{
	struct run from = draw_part(), to;

	if (from.count > model->pages / 4)
		from.count = model->pages / 4;
	if (!from.count)
		return;
	to = (struct run){ draw(model->pages - from.count + 1), from.count };
	if (overlap(&from, &to))
		return;
	/* a call that fails may have unmapped what was there, or not */
	if (draw(2) || from.count > 1) {
		munmap(address_of(to.first), to.count * PAGE);
		model_unmap(&to);
	}
	if (mremap(address_of(from.first), from.count * PAGE, to.count * PAGE,
		   MREMAP_MAYMOVE | MREMAP_FIXED,
		   address_of(to.first)) == MAP_FAILED) {
		/* what was one mapping has become two, and stays so */
		if (errno != EFAULT)
			failed("mremap");
		return;
	}
	take_along(&from, to.first);
}

static void shrink(const struct run *run, uint32_t count)
{
	struct run rest = { run->first + count, run->count - count };

	if (mremap(address_of(run->first), run->count * PAGE, count * PAGE,
		   0) == MAP_FAILED)
		failed("mremap");
	model_unmap(&rest);
}

/* The mapping that ends before a hole grows into it. */
static void grow(const struct run *run)
{
	uint32_t end = run->first + run->count, room = 0, more;
	struct page *last = &model->page[end - 1];
	struct page next = *last;

	while (end + room < model->pages && room < 64 &&
	       model->page[end + room].kind == HOLE)
		room++;
	if (!room || last->kind != ANONYMOUS)
		return;
	more = 1 + draw(room);
	if (mremap(address_of(run->first), run->count * PAGE,
		   (run->count + more) * PAGE, 0) == MAP_FAILED)
		return;
	model_forget(&next);
	for (uint32_t i = 0; i < more; i++)
		model->page[end + i] = next;
}

void resize(void)
{
	uint32_t page = draw(model->pages);
	struct run run;

	if (model->page[page].kind == HOLE)
		return;
	run = model_run(page, false);
	if (draw(3) && run.count > 1)
		shrink(&run, run.count - 1 - draw(run.count - 1) / 8);
	else
		grow(&run);
}

static void write_to_page(int file, uint32_t file_page, uint32_t units)
{
	uint64_t page[WORDS];
	off_t offset = (off_t)file_page * PAGE;
	int from = units == UNITS_ALL ? 0 : __builtin_ctz(units);
	size_t bytes = units == UNITS_ALL ? PAGE : UNIT_BYTES;

	for (int unit = 0; unit < UNITS; unit++)
		if (units & 1U << unit)
			model_write_file(file, file_page, unit, model_token());
	content_write(page, &model->files[file][file_page].content);
	if (pwrite(files[file], page + from * UNIT_WORDS, bytes,
		   offset + from * UNIT_BYTES) != (ssize_t)bytes)
		failed("pwrite");
}

/* One unit of a page, or all of it, or a few pages. */
void write_file(void)
{
	int file = draw(FILES), unit = draw(UNITS);
	uint32_t first = draw(FILE_PAGES), count = 1 + draw(draw(4) ? 1 : 32);
	uint32_t units = count > 1 || draw(2) ? UNITS_ALL : 1U << unit;

	for (uint32_t i = first; i < first + count && i < FILE_PAGES; i++)
		write_to_page(file, i, units);
}
