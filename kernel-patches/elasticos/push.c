// SPDX-License-Identifier: GPL-2.0-only
/*
 * Push: when the resident budget is exceeded, give idle pages away in batches.
 *
 * A second-chance clock runs over the process's anonymous pages. It runs in
 * the process's own context, just before it returns to user space and never
 * from reclaim: so nothing else of the session is under way, a batch needs no
 * in-flight state, and the stream's order keeps a pull from overtaking it.
 * The socket buffers hold some batches, which the other node maps while this
 * one goes on computing.
 */

#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/slab.h>

#include "fault.h"
#include "session.h"
#include "trace.h"

#define EOS_SLACK	(2 * EOS_BATCH)	/* from the high to the low mark */
#define EOS_ROUNDS	4		/* of the clock, before giving up */

struct eos_push_batch {
	struct eos_wire_push wire;
	struct page *page[EOS_BATCH];
	struct kvec body[2 + EOS_BATCH];
	unsigned int count;
};

/**
 * eos_over_budget - whether pages have to go
 * @s: session
 */
bool eos_over_budget(struct eos_session *s)
{
	return s->budget && s->mm &&
	       eos_anonymous_pages(s->mm) > s->budget;
}

static int eos_push_send(struct eos_session *s, struct eos_link *link,
			 struct eos_push_batch *batch, bool ahead)
{
	u64 started = eos_now();
	size_t length;
	unsigned int i;
	int ret;

	if (!batch->count)
		return 0;
	batch->wire.count = cpu_to_le32(batch->count);
	batch->body[1].iov_base = &batch->wire;
	batch->body[1].iov_len = sizeof(batch->wire);
	for (i = 0; i < batch->count; i++) {
		batch->body[2 + i].iov_base = page_address(batch->page[i]);
		batch->body[2 + i].iov_len = PAGE_SIZE;
	}
	length = sizeof(batch->wire) + batch->count * PAGE_SIZE;
	ret = (ahead ? eos_send_ahead : eos_send)(link, EOS_PUSH, batch->body,
						  2 + batch->count, length);
	for (i = 0; i < batch->count; i++) {
		eos_fault_keep(s, le64_to_cpu(batch->wire.address[i]),
			       batch->page[i]);
		eos_page_put(batch->page[i]);
	}
	s->counters.pushes++;
	s->counters.pushed_pages += batch->count;
	link->room -= batch->count;
	eos_trace(s, EOS_TRACE_PUSH, le64_to_cpu(batch->wire.address[0]),
		  link->node, batch->count);
	batch->count = 0;
	eos_histogram_add(&s->counters.push, eos_now() - started);
	return ret;
}

/* The node that got the last batch, as long as it has room; then the roomiest. */
static struct eos_link *eos_push_choose(struct eos_session *s)
{
	struct eos_link *best = s->links[s->push_target];
	unsigned int node;

	if (best && best->up && best->room >= EOS_BATCH)
		return best;
	best = NULL;
	for (node = 0; node < EOS_NODES; node++) {
		struct eos_link *link = s->links[node];

		if (!link || !link->up || link->room < EOS_BATCH)
			continue;
		if (!best || link->room > best->room)
			best = link;
	}
	if (best)
		s->push_target = best->node;
	return best;
}

/* Home keeps what is read-only; elsewhere it is a copy to be forgotten. */
static bool eos_push_skips(struct eos_session *s, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_LOCKED)
		return true;
	if (!eos_is_home(s))
		return false;
	return !(vma->vm_flags & VM_WRITE) || !eos_vma_moves(vma);
}

/*
 * Advance the hand within one mapping until the batch is full, enough is gone
 * or the mapping ends.
 */
static unsigned int eos_clock(struct eos_session *s,
			      struct vm_area_struct *vma,
			      struct eos_push_batch *batch, unsigned int node,
			      unsigned int want)
{
	bool copies = !(vma->vm_flags & VM_WRITE);
	swp_entry_t leave = { }, entry;
	unsigned int dropped = 0;

	if (!copies)
		leave = eos_entry(node);
	while (batch->count < EOS_BATCH && batch->count + dropped < want) {
		struct page *page;

		s->hand = eos_next_table(vma->vm_mm, s->hand, vma->vm_end);
		if (s->hand >= vma->vm_end)
			break;
		if (eos_page_extract(vma, s->hand, leave, EOS_EXTRACT_CLOCK,
				     &page, &entry) == EOS_FOUND_PAGE) {
			if (copies) {
				eos_page_put(page);
				dropped++;
			} else {
				batch->wire.address[batch->count] =
					cpu_to_le64(s->hand);
				batch->page[batch->count++] = page;
			}
		}
		s->hand += PAGE_SIZE;
	}
	s->counters.dropped_copies += dropped;
	return dropped;
}

/* One batch to one node; *rounds counts the clock's revolutions. */
static int eos_push_batch(struct eos_session *s, struct eos_link *link,
			  struct eos_push_batch *batch, unsigned int want,
			  unsigned int *rounds)
{
	struct mm_struct *mm = current->mm;
	unsigned int dropped = 0;

	while (*rounds < EOS_ROUNDS && batch->count < EOS_BATCH &&
	       batch->count + dropped < want) {
		struct vm_area_struct *vma = find_vma(mm, s->hand);

		if (!vma) {
			s->hand = 0;
			(*rounds)++;
			continue;
		}
		if (s->hand < vma->vm_start)
			s->hand = vma->vm_start;
		if (eos_push_skips(s, vma))
			s->hand = vma->vm_end;
		else
			dropped += eos_clock(s, vma, batch, link->node,
					     want - dropped);
	}
	return eos_push_send(s, link, batch, false);
}

static int eos_push_down_to(struct eos_session *s, unsigned long low,
			    struct eos_link *fixed)
{
	struct mm_struct *mm = current->mm;
	struct eos_push_batch *batch;
	unsigned int rounds = 0;
	int ret;

	batch = kzalloc(sizeof(*batch), GFP_KERNEL);
	if (!batch)
		return 0;	/* there will be another time */
	eos_drain_lru(false);
	mmap_read_lock(mm);
	mutex_lock(&s->mutex);
	ret = eos_mmap_flush(s);
	while (!ret && rounds < EOS_ROUNDS) {
		struct eos_link *link = fixed ? fixed : eos_push_choose(s);
		unsigned long have = eos_anonymous_pages(mm);

		if (!link || have <= low || fatal_signal_pending(current))
			break;
		ret = eos_push_batch(s, link, batch, have - low, &rounds);
	}
	/* what is touched from now on has to show in the page table again */
	eos_flush_tlb(mm);
	mutex_unlock(&s->mutex);
	mmap_read_unlock(mm);
	kfree(batch);
	return ret;
}

/**
 * eos_push - come back below the low mark
 * @s: session, running, in the resume hook
 *
 * Return: 0, also when nobody has room; -errno when a stream broke.
 */
int eos_push(struct eos_session *s)
{
	unsigned long low = s->budget - min_t(u32, s->budget / 4, EOS_SLACK);

	s->evict_wanted = false;
	return eos_push_down_to(s, low, NULL);
}

/**
 * eos_push_everything - full migration: give all that moves to one node
 * @s: session, running, in the resume hook
 * @node: new owner, whether it has room or not
 *
 * Return: 0 or -errno.
 */
int eos_push_everything(struct eos_session *s, unsigned int node)
{
	return eos_push_down_to(s, 0, s->links[node]);
}

/* Take one page that the execution needs where it goes, if it is here. */
static void eos_push_take(struct eos_push_batch *batch, unsigned int node,
			  unsigned long address)
{
	struct vm_area_struct *vma = find_vma(current->mm, address);
	enum eos_found found;
	swp_entry_t entry;
	struct page *page;

	if (!vma || vma->vm_start > address || !eos_vma_moves(vma) ||
	    (vma->vm_flags & VM_LOCKED) || !(vma->vm_flags & VM_WRITE))
		return;
	found = eos_page_extract(vma, address, eos_entry(node), 0, &page,
				 &entry);
	if (found == EOS_FOUND_BUSY) {
		eos_drain_lru(false);
		found = eos_page_extract(vma, address, eos_entry(node), 0,
					 &page, &entry);
	}
	if (found == EOS_FOUND_ZERO) {
		/* rare enough to send a page of zeroes */
		page = alloc_page(GFP_KERNEL | __GFP_ZERO | __GFP_NOFAIL);
		found = EOS_FOUND_PAGE;
	}
	if (found != EOS_FOUND_PAGE)
		return;
	batch->wire.address[batch->count] = cpu_to_le64(address);
	batch->page[batch->count++] = page;
}

/**
 * eos_push_ahead - send pages ahead of a JUMP, in one piece with it
 * @s: session; mmap_sem and the mutex are held
 * @link: where the execution goes
 * @addresses: page aligned, at most EOS_BATCH; those not here are left out
 * @count: of them
 *
 * Return: 0 or -errno when the stream broke.
 */
int eos_push_ahead(struct eos_session *s, struct eos_link *link,
		   const unsigned long *addresses, unsigned int count)
{
	struct eos_push_batch *batch;
	unsigned int i;
	int ret;

	batch = kzalloc(sizeof(*batch), GFP_KERNEL);
	if (!batch)
		return 0;
	for (i = 0; i < count; i++)
		eos_push_take(batch, link->node, addresses[i]);
	ret = eos_push_send(s, link, batch, true);
	kfree(batch);
	return ret;
}

static int eos_push_map(struct eos_session *s, struct eos_link *link,
			unsigned long address)
{
	struct mm_struct *mm = current->mm;
	struct page *page = alloc_page(GFP_HIGHUSER_MOVABLE);
	struct vm_area_struct *vma;
	int ret;

	if (!page)
		return -ENOMEM;
	ret = eos_receive(link, page_address(page), PAGE_SIZE);
	if (ret)
		goto out;
	mmap_read_lock(mm);
	vma = find_vma(mm, address);
	ret = -EFAULT;
	if (vma && vma->vm_start <= address && eos_vma_moves(vma) &&
	    (vma->vm_flags & VM_WRITE))
		ret = eos_page_insert(vma, address, page, false);
	mmap_read_unlock(mm);
	if (ret)
		eos_fail(s, "node %u pushes %lx, which cannot be mapped (%d)",
			 link->node, address, ret);
	else
		page = NULL;
out:
	if (page)
		__free_page(page);
	return ret;
}

/**
 * eos_push_receive - take what another node pushes
 * @s: session, parked
 * @link: from whom; the header has been read
 * @length: of the body
 *
 * Return: 0 or -errno.
 */
int eos_push_receive(struct eos_session *s, struct eos_link *link,
		     size_t length)
{
	struct eos_wire_push wire;
	unsigned int i, count;
	int ret;

	ret = eos_receive(link, &wire, sizeof(wire));
	if (ret)
		return ret;
	count = le32_to_cpu(wire.count);
	if (!count || count > EOS_BATCH ||
	    length != sizeof(wire) + count * PAGE_SIZE)
		goto broken;
	for (i = 0; i < count; i++) {
		unsigned long address = le64_to_cpu(wire.address[i]);

		if ((address & ~PAGE_MASK) || address >= TASK_SIZE_MAX)
			goto broken;
		ret = eos_push_map(s, link, address);
		if (ret)
			return ret;
		s->counters.received_pages++;
	}
	eos_hot_received(s, &wire, count);
	return 0;

broken:
	eos_link_lost(link, -EPROTO);
	return -EPROTO;
}
