// SPDX-License-Identifier: GPL-2.0-only
/*
 * The remote-page entry: which node is believed to hold a page.
 *
 * Every page of a stretched process is owned by exactly one node. In each
 * other node's page table its entry names a node, or is empty:
 *
 *	present, or local swap		owned here
 *	entry naming this node		owned here, all zeroes, no page yet
 *	empty at home			owned here, all zeroes
 *	entry naming another node	ask there
 *	empty elsewhere			ask home
 *
 * A node's name may be out of date, but never by going round in circles: it
 * dates from when this node gave the page away, and the node it names knows
 * of everything that happened to the page there since.
 *
 * Pages of mappings without write permission are the exception: home keeps
 * them all, empty ones too, and the others hold copies that they may forget.
 * When one changes at home, all copies are discarded: mmap.c.
 */

#include <linux/gfp.h>
#include <linux/highmem.h>

#include "session.h"

#define EOS_PATIENCE	(HZ / 10)	/* for a page that the kernel is using */
#define EOS_FETCHES	8		/* of a page that is swapped out again */

/**
 * eos_entry - the entry that names a node
 * @node: its number
 */
swp_entry_t eos_entry(unsigned int node)
{
	/* offset 0 would make an entry that looks empty on some layouts */
	return swp_entry(SWP_EOS, node + 1);
}

/**
 * eos_entry_node - the node that an entry names
 * @entry: an entry for which is_eos_entry() holds
 */
unsigned int eos_entry_node(swp_entry_t entry)
{
	return swp_offset(entry) - 1;
}

/**
 * eos_vma_moves - whether the pages of a mapping may leave home
 * @vma: a mapping at home
 *
 * Shared, device and special mappings (the vDSO) do not: touching them takes
 * the execution home.
 */
bool eos_vma_moves(const struct vm_area_struct *vma)
{
	if (vma->vm_flags & (VM_SHARED | VM_MAYSHARE | VM_HUGETLB | VM_PFNMAP |
			     VM_IO | VM_MIXEDMAP))
		return false;
	return vma->vm_file || !vma->vm_ops;
}

/**
 * eos_put_zero - install a page of zeroes that is owned here
 * @s: session
 * @vma: mapping; mmap_lock held
 * @address: page aligned
 *
 * Return: 0 or -errno.
 */
int eos_put_zero(struct eos_session *s, struct vm_area_struct *vma,
		 unsigned long address)
{
	struct page *page = eos_page_new(vma->vm_mm,
					 GFP_HIGHUSER_MOVABLE | __GFP_ZERO);
	int ret;

	eos_assert_mmap_locked(vma->vm_mm);
	if (!page)
		return -ENOMEM;
	ret = eos_page_insert(vma, address, page, EOS_INSERT_YOUNG);
	if (ret)
		eos_page_discard(page);
	return ret;
}

/**
 * eos_take_page - give a page of this node to another
 * @s: session of current, parked
 * @vma: its mapping; mmap_lock held
 * @address: page aligned
 * @to: new owner
 * @patient: bring it from swap and wait until nobody uses it
 * @page: its content, for PAGE and COPY; drop with eos_page_put()
 * @owner: whom to ask instead, for ENTRY
 *
 * Return: ZERO, PAGE or COPY when it was given; ENTRY when it is elsewhere;
 * anything else when it cannot be had now.
 */
enum eos_found eos_take_page(struct eos_session *s, struct vm_area_struct *vma,
			     unsigned long address, unsigned int to,
			     bool patient, struct page **page,
			     unsigned int *owner)
{
	unsigned int flags = eos_is_home(s) ? EOS_EXTRACT_HOME : 0;
	unsigned int fetched = 0, waited = 0;
	enum eos_found found;
	swp_entry_t entry;

	eos_assert_streams(s);
	eos_assert_mmap_locked(vma->vm_mm);
	for (;;) {
		found = eos_page_extract(vma, address, eos_entry(to), flags,
					 page, &entry);
		if (found == EOS_FOUND_ABSENT && patient) {
			if (fetched++ > EOS_FETCHES ||
			    eos_fault_in(vma, address))
				return found;
			continue;
		}
		if (found != EOS_FOUND_BUSY || !patient)
			break;
		/* batches of the LRU hold references; so does DMA */
		eos_drain_lru(waited != 0);
		if (waited++ > EOS_PATIENCE || fatal_signal_pending(current))
			return found;
		fetched = 0;
		eos_beat_serving(s);
		if (waited > 2)
			schedule_timeout_killable(1);
	}

	if (found == EOS_FOUND_NONE && !eos_is_home(s)) {
		*owner = EOS_HOME;
		return EOS_FOUND_ENTRY;
	}
	if (found != EOS_FOUND_ENTRY)
		return found;

	*owner = eos_entry_node(entry);
	if (*owner != s->self)
		return found;
	/* zeroes of ours that never became a page */
	if (!(vma->vm_flags & VM_WRITE))
		return EOS_FOUND_ZERO;
	if (eos_entry_replace(vma, address, entry, eos_entry(to)))
		return EOS_FOUND_BUSY;
	return EOS_FOUND_ZERO;
}
