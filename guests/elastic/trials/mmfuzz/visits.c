// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dice.h"
#include "report.h"
#include "visits.h"

/* The plan, where the visits are made. */
static struct planned stay[VISITS_MOST];

/* Plans a visit of a page, and takes note of what it will hold then. */
static void plan_visit(uint32_t number, uint32_t writes)
{
	struct page *page = &model->page[number];
	struct planned *next = &model->plan[model->planned++];

	*next = (struct planned){
		.page = number,
		.writes = model_is_writable(page) ? writes : 0,
		.want = model_expect(page),
	};
	/* what is not known is known again when all of it is written */
	if (page->is_loose && next->writes) {
		next->writes = UNITS_ALL;
		page->is_loose = false;
	}
	for (int unit = 0; unit < UNITS; unit++) {
		if (!(next->writes & 1U << unit))
			continue;
		next->fresh[unit] = model_token();
		model_write(page, unit, next->fresh[unit]);
	}
}

static void make_visit(struct planned *visit, const char *how)
{
	volatile uint64_t *at = (void *)address_of(visit->page);
	int word = model_differs(at, &visit->want, &visit->seen);

	if (word >= 0)
		wrong(visit->page, word, at[word], &visit->want, how);
	for (int unit = 0; unit < UNITS; unit++)
		if (visit->writes & 1U << unit)
			content_write_unit(at, unit, visit->fresh[unit]);
}

static void note_visit(const struct planned *visit)
{
	struct page *page = &model->page[visit->page];

	model_saw(page, &visit->want, &visit->seen);
	if (visit->writes)
		model_settle(page);
}

/* The model is not touched as long as pages are as it says. */
static void make_visits(const char *how)
{
	uint32_t count = model->planned;

	model_take(stay, model->plan, count * sizeof(stay[0]));
	for (uint32_t i = 0; i < count; i++)
		make_visit(&stay[i], how);
	model_put(model->plan, stay, count * sizeof(stay[0]));
	for (uint32_t i = 0; i < count; i++)
		note_visit(&model->plan[i]);
	model->visits += count;
	model->planned = 0;
}

static uint32_t draw_writes(void)
{
	switch (draw(4)) {
	case 0:
		return UNITS_ALL;
	case 1:
		return 1U << draw(UNITS);
	default:
		return 0;
	}
}

/* Visits pages one after the other, or here and there. */
void visit(void)
{
	uint32_t count = 1 + draw(8U << draw(6)), one_by_one = draw(2);
	uint32_t number = draw(model->pages);

	for (uint32_t i = 0; i < count && model->planned < VISITS_MOST; i++) {
		if (model->page[number].prot & PROT_READ)
			plan_visit(number, draw_writes());
		number = one_by_one ? (number + 1) % model->pages :
				      draw(model->pages);
	}
	make_visits("read");
}

void visit_page_now(uint32_t number, const char *how)
{
	if (!(model->page[number].prot & PROT_READ))
		return;
	plan_visit(number, 0);
	make_visits(how);
}

/* Reads every page that can be read. */
void visit_all(void)
{
	for (uint32_t number = 0; number < model->pages; number++) {
		if (model->page[number].prot & PROT_READ)
			plan_visit(number, 0);
		if (model->planned == VISITS_MOST)
			make_visits("last read");
	}
	make_visits("last read");
}

/**
 * visit_by_force - read a page through /proc/self/mem
 * @memory: that file
 * @number: of the page
 * @how: what is said if the page is wrong
 */
void visit_by_force(int memory, uint32_t number, const char *how)
{
	static uint64_t buffer[WORDS];
	struct page *page = &model->page[number];
	const struct expected want = model_expect(page);
	struct content seen;
	int word;

	if (pread(memory, buffer, PAGE, (off_t)address_of(number)) !=
	    (ssize_t)PAGE)
		failed("read of /proc/self/mem");
	word = model_differs(buffer, &want, &seen);
	if (word >= 0)
		wrong(number, word, buffer[word], &want, how);
	model_saw(page, &want, &seen);
	model->visits++;
}

/* Reads every page that is mapped and cannot be read. */
void visit_hidden(void)
{
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	if (memory < 0)
		failed("/proc/self/mem");
	for (uint32_t number = 0; number < model->pages; number++) {
		const struct page *page = &model->page[number];

		if (page->kind != HOLE && !(page->prot & PROT_READ))
			visit_by_force(memory, number, "last read by force");
	}
	close(memory);
}
