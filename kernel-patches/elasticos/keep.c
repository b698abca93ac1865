// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kept pages: a node that gives a page away keeps its content for a while. If
 * the page comes back unchanged, its name is enough: a program that only reads
 * does not pay for the way back.
 *
 * The running node asks for it when it pulls, and remembers who keeps what
 * (there). It alone decides what becomes of it: a page that it pushes goes to
 * the node that keeps it, as a name if it was not written to, else as a content
 * that takes the old one's place. The promise ends when the execution leaves
 * the node: JUMP and SYNC have the others forget all that they keep (here). So
 * nobody keeps anything for a node that does not run, and no third node ever
 * has to be asked.
 *
 * What is kept is no page of the process: it is mapped nowhere, and the page
 * tables of all nodes still have each page in exactly one place. It does count
 * as taken when a node says how much room it has. When nobody has room, the
 * running node has them all forget.
 */

#include <linux/mm.h>
#include <linux/radix-tree.h>
#include <linux/slab.h>

#include "session.h"

#define EOS_GANG	16

/* What is kept of one page. */
struct eos_kept {
	unsigned long address;
	struct page *page;
};

/* Who keeps one. */
struct eos_keeper {
	unsigned long address;
	unsigned int node;
};

static unsigned long eos_index(unsigned long address)
{
	return address >> PAGE_SHIFT;
}

/**
 * eos_keep_init - nothing is kept
 * @keep: of a new session
 */
void eos_keep_init(struct eos_keep *keep)
{
	INIT_RADIX_TREE(&keep->here, GFP_KERNEL);
	INIT_RADIX_TREE(&keep->there, GFP_KERNEL);
	keep->pages = 0;
}

/**
 * eos_keep_page - keep a page that is being given away
 * @s: session of current, parked
 * @address: page aligned
 * @page: taken out of the page table
 *
 * Not one that somebody else, a child after fork, can still write to, or get at
 * in the swap cache.
 *
 * Return: whether it is kept, with a reference of its own.
 */
bool eos_keep_page(struct eos_session *s, unsigned long address,
		   struct page *page)
{
	struct eos_kept *kept;

	eos_assert_streams(s);
	if (page_mapped(page) || PageSwapCache(page))
		return false;
	kept = kmalloc(sizeof(*kept), GFP_KERNEL | __GFP_NOWARN);
	if (!kept)
		return false;
	kept->address = address;
	kept->page = page;
	if (radix_tree_insert(&s->keep.here, eos_index(address), kept)) {
		kfree(kept);
		return false;
	}
	get_page(page);
	s->keep.pages++;
	return true;
}

/**
 * eos_kept_take - a page comes back
 * @s: session of current, parked
 * @address: page aligned
 *
 * Return: what was kept of it, to be dropped with eos_page_put(), or NULL.
 */
struct page *eos_kept_take(struct eos_session *s, unsigned long address)
{
	struct eos_kept *kept = radix_tree_delete(&s->keep.here,
						  eos_index(address));
	struct page *page;

	eos_assert_streams(s);
	if (!kept)
		return NULL;
	page = kept->page;
	kfree(kept);
	s->keep.pages--;
	return page;
}

/**
 * eos_kept_drop - forget what is kept
 * @s: session; the streams are the caller's
 * @start: page aligned
 * @end: the first address that is not meant
 */
void eos_kept_drop(struct eos_session *s, unsigned long start,
		   unsigned long end)
{
	void *found[EOS_GANG];
	unsigned int i, count;

	do {
		count = radix_tree_gang_lookup(&s->keep.here, found,
					       eos_index(start), EOS_GANG);
		for (i = 0; i < count; i++) {
			struct eos_kept *kept = found[i];

			start = kept->address + PAGE_SIZE;
			if (kept->address >= end)
				return;
			eos_page_put(eos_kept_take(s, kept->address));
		}
	} while (count == EOS_GANG);
}

/**
 * eos_keeper_note - remember that another node keeps a page
 * @s: session, running; the mutex is held
 * @address: page aligned
 * @node: which
 *
 * Return: 0, or -errno: it is not remembered.
 */
int eos_keeper_note(struct eos_session *s, unsigned long address,
		    unsigned int node)
{
	struct eos_keeper *keeper = kmalloc(sizeof(*keeper),
					    GFP_KERNEL | __GFP_NOWARN);
	int ret;

	eos_assert_streams(s);
	s->links[node]->keeps = true;
	if (!keeper)
		return -ENOMEM;
	keeper->address = address;
	keeper->node = node;
	ret = radix_tree_insert(&s->keep.there, eos_index(address), keeper);
	if (ret)
		kfree(keeper);
	return ret;
}

/**
 * eos_keeper - who keeps a page that is here
 * @s: session, running; the mutex is held
 * @address: page aligned
 *
 * Return: the node's number, or EOS_NODES.
 */
unsigned int eos_keeper(struct eos_session *s, unsigned long address)
{
	struct eos_keeper *keeper = radix_tree_lookup(&s->keep.there,
						      eos_index(address));

	eos_assert_streams(s);
	if (!keeper || !s->links[keeper->node] || !s->links[keeper->node]->up)
		return EOS_NODES;
	return keeper->node;
}

/**
 * eos_keeper_forget - a page leaves; nobody is known to keep it any more
 * @s: session, running; the mutex is held
 * @address: page aligned
 */
void eos_keeper_forget(struct eos_session *s, unsigned long address)
{
	eos_assert_streams(s);
	kfree(radix_tree_delete(&s->keep.there, eos_index(address)));
}

/**
 * eos_keepers_forget - as if no page was kept by anybody
 * @s: session; the streams are the caller's
 */
void eos_keepers_forget(struct eos_session *s)
{
	void *found[EOS_GANG];
	unsigned int i, count;

	do {
		count = radix_tree_gang_lookup(&s->keep.there, found, 0,
					       EOS_GANG);
		for (i = 0; i < count; i++) {
			struct eos_keeper *keeper = found[i];

			eos_keeper_forget(s, keeper->address);
		}
	} while (count);
}

/**
 * eos_keepers - whether any node may keep anything
 * @s: session, running; the mutex is held
 */
bool eos_keepers(const struct eos_session *s)
{
	unsigned int node;

	eos_assert_streams(s);
	for (node = 0; node < EOS_NODES; node++)
		if (s->links[node] && s->links[node]->up &&
		    s->links[node]->keeps)
			return true;
	return false;
}
