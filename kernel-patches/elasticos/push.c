// SPDX-License-Identifier: GPL-2.0-only
/*
 * Push: when the resident budget is exceeded, give idle pages away in batches.
 *
 * A second-chance clock runs over the process's anonymous pages. It runs in
 * the process's own context and never from reclaim: just before it returns to
 * user space, and at home, where one system call may want any number of pages,
 * at the kernel's own faults. So nothing else of the session is under way, a
 * batch needs no in-flight state, and the stream's order keeps a pull from
 * overtaking it. The socket buffers hold some batches, which the other node
 * maps while this one goes on computing. What a node keeps (keep.c) goes back
 * there by name.
 *
 * Pages that are locked, pinned or shared with a child cannot go. When the clock
 * has gone round for nothing it rests, so that it takes a small part of the time
 * however long that lasts.
 */

#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/slab.h>

#include "elasticos_trace.h"
#include "fault.h"
#include "session.h"

#define EOS_SLACK	(2 * EOS_BATCH)	/* from the high to the low mark */
#define EOS_ROUNDS	4		/* of the clock, before giving up */
#define EOS_REST	16		/* times as long as what was for nothing */
#define EOS_REST_GROWTH	8		/* or until there is an eighth more */

struct eos_push_batch {
	struct eos_wire_push wire;
	struct page *page[EOS_BATCH];
	struct kvec body[2 + EOS_BATCH];
	unsigned int count;
};

/* One run of the clock. */
struct eos_push {
	struct eos_session *s;
	struct eos_link *fixed;		/* everything goes there, or NULL */
	unsigned long low;		/* pages to be left */
	unsigned long spare_start;	/* these stay */
	unsigned long spare_end;
	unsigned int rounds;		/* revolutions of the hand */
	struct eos_push_batch *batch[EOS_NODES];
};

/**
 * eos_over_budget - whether pages have to go
 * @s: session of current, or of an address space whose mmap_lock is held
 */
bool eos_over_budget(struct eos_session *s)
{
	u32 budget = READ_ONCE(s->budget);

	return budget && s->mm && eos_anonymous_pages(s->mm) > budget;
}

/* Whether the clock has gone round for nothing not long ago. */
static bool eos_push_rests(struct eos_session *s)
{
	unsigned long stuck = READ_ONCE(s->rest.pages);

	return stuck && eos_now() < READ_ONCE(s->rest.until) &&
	       eos_anonymous_pages(s->mm) < stuck + stuck / EOS_REST_GROWTH;
}

/**
 * eos_push_soon - push at the next return to user space, if pages have to go
 * @s: session; mmap_lock is held
 */
void eos_push_soon(struct eos_session *s)
{
	if (!eos_over_budget(s) || eos_push_rests(s))
		return;
	WRITE_ONCE(s->evict_wanted, true);
	eos_kick(s->task);
}

/* Those that the other node keeps go as names. */
static unsigned int eos_push_fill(struct eos_push_batch *batch)
{
	unsigned int i, parts = 2;

	batch->wire.count = cpu_to_le32(batch->count);
	batch->body[1].iov_base = &batch->wire;
	batch->body[1].iov_len = sizeof(batch->wire);
	for (i = 0; i < batch->count; i++) {
		if (batch->wire.kind[i] == EOS_KIND_KEPT)
			continue;
		batch->body[parts].iov_base = page_address(batch->page[i]);
		batch->body[parts++].iov_len = PAGE_SIZE;
	}
	return parts;
}

static int eos_push_send(struct eos_session *s, struct eos_link *link,
			 struct eos_push_batch *batch, bool ahead)
	__must_hold(&s->mutex)
{
	unsigned int i, parts, names;
	u64 started = eos_now(), took;
	int ret;

	if (!batch->count)
		return 0;
	parts = eos_push_fill(batch);
	names = batch->count - (parts - 2);
	ret = (ahead ? eos_send_ahead : eos_send)(link, EOS_PUSH, batch->body,
						  parts, sizeof(batch->wire) +
						  (parts - 2) * PAGE_SIZE);
	for (i = 0; i < batch->count; i++) {
		eos_fault_keep(s, le64_to_cpu(batch->wire.address[i]),
			       batch->page[i]);
		eos_page_put(batch->page[i]);
	}
	s->counters.pushes++;
	s->counters.pushed_pages += batch->count;
	s->counters.pushed_names += names;
	took = eos_now() - started;
	trace_eos_push(s, link->node, le64_to_cpu(batch->wire.address[0]),
		       batch->count, names, took);
	batch->count = 0;
	eos_histogram_add(&s->counters.push, took);
	return ret;
}

static void eos_push_add(struct eos_push_batch *batch, unsigned long address,
			 struct page *page, enum eos_kind kind)
{
	batch->wire.address[batch->count] = cpu_to_le64(address);
	batch->wire.kind[batch->count] = kind;
	batch->page[batch->count++] = page;
}

/* The node that got the last batch, as long as it has room; then the roomiest. */
static struct eos_link *eos_push_choose(struct eos_session *s)
{
	struct eos_link *best = s->links[s->push_target];
	unsigned int node;

	if (best && best->up && best->room > 0)
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

/* What has been taken is sent, to whomever it still can be. */
static int eos_push_flush(struct eos_push *push)
	__must_hold(&push->s->mutex)
{
	unsigned int node;
	int ret = 0, sent;

	for (node = 0; node < EOS_NODES; node++) {
		if (!push->batch[node])
			continue;
		sent = eos_push_send(push->s, push->s->links[node],
				     push->batch[node], false);
		ret = ret ? ret : sent;
	}
	return ret;
}

/*
 * Where a page that @keeper keeps goes: there, or where there is room. When all
 * is full, what is kept is given up.
 *
 * Returns 0, also with no link, or -errno.
 */
static int eos_push_target(struct eos_push *push, unsigned int keeper,
			   struct eos_link **link)
	__must_hold(&push->s->mutex)
{
	struct eos_session *s = push->s;
	int ret;

	if (push->fixed)
		*link = push->fixed;
	else if (keeper < EOS_NODES)
		*link = s->links[keeper];
	else
		*link = eos_push_choose(s);
	if (*link || !eos_keepers(s))
		return 0;
	ret = eos_push_flush(push);
	if (!ret)
		ret = eos_sync_others(s, EOS_NODES);
	*link = eos_push_choose(s);
	return ret;
}

/* Take the page at the hand. Returns 0, -errno, or -ENOSPC with no room for it. */
static int eos_push_page(struct eos_push *push, struct vm_area_struct *vma)
	__must_hold(&push->s->mutex)
{
	struct eos_session *s = push->s;
	unsigned int keeper = eos_keeper(s, s->hand);
	struct eos_push_batch *batch;
	struct eos_link *link;
	struct page *page;
	swp_entry_t entry;
	bool kept;
	int ret;

	ret = eos_push_target(push, keeper, &link);
	if (ret)
		return ret;
	if (!link)
		return -ENOSPC;
	kept = keeper == link->node;
	batch = push->batch[link->node];
	if (!batch) {
		batch = kzalloc(sizeof(*batch), GFP_KERNEL);
		if (!batch)
			return -ENOMEM;
		push->batch[link->node] = batch;
	}
	if (eos_page_extract(vma, s->hand, eos_entry(link->node),
			     EOS_EXTRACT_CLOCK, &page, &entry) !=
	    EOS_FOUND_PAGE)
		return 0;
	eos_push_add(batch, s->hand, page, kept && eos_page_clean(page) ?
					   EOS_KIND_KEPT : EOS_KIND_PAGE);
	eos_keeper_forget(s, s->hand);
	/* what it keeps it has room for */
	if (!kept)
		WRITE_ONCE(link->room, link->room - 1);
	return batch->count < EOS_BATCH ? 0 :
					  eos_push_send(s, link, batch, false);
}

/* Forget the copy at the hand. */
static void eos_push_drop(struct eos_push *push, struct vm_area_struct *vma)
{
	swp_entry_t leave = { }, entry;
	struct page *page;

	if (eos_page_extract(vma, push->s->hand, leave, EOS_EXTRACT_CLOCK,
			     &page, &entry) != EOS_FOUND_PAGE)
		return;
	eos_page_put(page);
	push->s->counters.dropped_copies++;
}

static bool eos_push_enough(const struct eos_push *push)
{
	return eos_anonymous_pages(push->s->mm) <= push->low;
}

/*
 * Advance the hand within one mapping until enough is gone or the mapping ends.
 * Returns 0, -errno, or -ENOSPC when nobody has room.
 */
static int eos_clock(struct eos_push *push, struct vm_area_struct *vma)
	__must_hold(&push->s->mutex)
{
	struct eos_session *s = push->s;
	int ret = 0;

	while (!ret && !eos_push_enough(push)) {
		if (s->hand >= push->spare_start && s->hand < push->spare_end)
			s->hand = min(push->spare_end, vma->vm_end);
		s->hand = eos_next_table(vma->vm_mm, s->hand, vma->vm_end);
		if (s->hand >= vma->vm_end)
			break;
		if (vma->vm_flags & VM_WRITE)
			ret = eos_push_page(push, vma);
		else
			eos_push_drop(push, vma);
		s->hand += PAGE_SIZE;
	}
	return ret;
}

/* Let the hand go round until enough is gone. */
static int eos_push_rounds(struct eos_push *push)
	__must_hold(&push->s->mutex)
{
	struct eos_session *s = push->s;
	int ret = 0;

	eos_assert_mmap_locked(s->mm);
	lockdep_assert_held(&s->mutex);
	while (!ret && push->rounds < EOS_ROUNDS && !eos_push_enough(push) &&
	       !fatal_signal_pending(current)) {
		struct vm_area_struct *vma = find_vma(s->mm, s->hand);

		if (!vma) {
			s->hand = 0;
			push->rounds++;
			s->counters.clock_rounds++;
			continue;
		}
		if (s->hand < vma->vm_start)
			s->hand = vma->vm_start;
		if (eos_push_skips(s, vma))
			s->hand = vma->vm_end;
		else
			ret = eos_clock(push, vma);
	}
	return ret;
}

/* What has been begun at @started was for nothing, or it was not. */
static void eos_push_judge(struct eos_push *push, u64 started)
	__must_hold(&push->s->mutex)
{
	struct eos_session *s = push->s;
	bool stuck = push->rounds == EOS_ROUNDS && !eos_push_enough(push);
	u64 now = eos_now();

	lockdep_assert_held(&s->mutex);
	WRITE_ONCE(s->rest.pages, stuck ? eos_anonymous_pages(s->mm) : 0);
	WRITE_ONCE(s->rest.until, now + EOS_REST * (now - started));
}

/* Run the clock; mmap_lock is held. Returns 0, -ENOSPC or another -errno. */
static int eos_push_run(struct eos_push *push)
	__must_hold(&push->s->mutex)
{
	struct eos_session *s = push->s;
	u64 started = eos_now();
	unsigned int node;
	int ret, sent;

	eos_assert_mmap_locked(s->mm);
	lockdep_assert_held(&s->mutex);
	ret = eos_mmap_flush(s);
	if (!ret)
		ret = eos_push_rounds(push);
	sent = eos_push_flush(push);
	/* what is touched from now on has to show in the page table again */
	eos_flush_tlb(s->mm);
	/* others could have gone than those that had to */
	if (!push->fixed && !push->spare_end)
		eos_push_judge(push, started);
	for (node = 0; node < EOS_NODES; node++)
		kfree(push->batch[node]);
	/* there will be another time for what finds no memory now */
	return ret && ret != -ENOMEM ? ret : sent;
}

static int eos_push_down_to(struct eos_session *s, unsigned long low,
			    struct eos_link *fixed)
{
	struct eos_push push = { .s = s, .fixed = fixed, .low = low };
	struct mm_struct *mm = current->mm;
	int ret;

	eos_drain_lru(false);
	mmap_read_lock(mm);
	mutex_lock(&s->mutex);
	ret = eos_push_run(&push);
	mutex_unlock(&s->mutex);
	mmap_read_unlock(mm);
	return ret;
}

/* The low mark: so many pages are left by a push that can do what it should. */
static unsigned long eos_low_mark(const struct eos_session *s)
{
	u32 budget = READ_ONCE(s->budget);

	return budget - min_t(u32, budget / 4, EOS_SLACK);
}

/**
 * eos_push - come back below the low mark
 * @s: session of current, running, in the resume hook
 *
 * Return: 0; -ENOSPC when nobody has room; -errno when a stream broke.
 */
int eos_push(struct eos_session *s)
{
	u64 started = eos_now();
	int ret;

	eos_assert_task(s);
	WRITE_ONCE(s->evict_wanted, false);
	ret = eos_push_down_to(s, eos_low_mark(s), NULL);
	mutex_lock(&s->mutex);
	eos_policy_pushed(s, started);
	mutex_unlock(&s->mutex);
	return ret;
}

/**
 * eos_push_within - come back below the low mark within a system call
 * @s: session at home, running; mmap_lock and the mutex are held
 * @start: page aligned; a range whose pages are needed
 * @end: of that
 *
 * Return: false when there are pages that cannot go now. They may at the return
 * to user space.
 */
bool eos_push_within(struct eos_session *s, unsigned long start,
		     unsigned long end)
	__must_hold(&s->mutex)
{
	struct eos_push push = {
		.s = s,
		.low = eos_low_mark(s),
		.spare_start = start,
		.spare_end = end,
	};
	u64 started = eos_now();

	if (!eos_over_budget(s))
		return true;
	if (eos_push_rests(s))
		return false;
	eos_drain_lru(false);
	eos_push_run(&push);
	eos_policy_pushed(s, started);
	return eos_push_enough(&push);
}

/*
 * eos_ops.grow. A fault of the kernel's is one of a system call, which may have
 * many: nothing would be pushed before it ends. A shell makes no system call.
 */
void eos_push_grow(struct mm_struct *mm, unsigned int flags)
{
	struct eos_session *s = mm->eos;

	if (!eos_is_home(s) || !eos_over_budget(s))
		return;
	if ((flags & FAULT_FLAG_USER) || current != s->task ||
	    eos_state(s) != EOS_RUNNING) {
		eos_push_soon(s);
		return;
	}
	mutex_lock(&s->mutex);
	eos_push_within(s, 0, 0);
	mutex_unlock(&s->mutex);
}

/**
 * eos_push_everything - full migration: give all that moves to one node
 * @s: session of current, running, in the resume hook
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
	eos_push_add(batch, address, page, EOS_KIND_PAGE);
}

/* Send pages, as many of a list as are here and can go. */
static int eos_push_list(struct eos_session *s, struct eos_link *link,
			 const unsigned long *addresses, unsigned int count,
			 bool ahead)
	__must_hold(&s->mutex)
{
	struct eos_push_batch *batch;
	unsigned int i;
	int ret;

	eos_assert_mmap_locked(current->mm);
	lockdep_assert_held(&s->mutex);
	batch = kzalloc(sizeof(*batch), GFP_KERNEL);
	if (!batch)
		return 0;
	for (i = 0; i < count; i++)
		eos_push_take(batch, link->node, addresses[i]);
	WRITE_ONCE(link->room, link->room - batch->count);
	ret = eos_push_send(s, link, batch, ahead);
	kfree(batch);
	return ret;
}

/**
 * eos_push_ahead - send pages ahead of a JUMP, in one piece with it
 * @s: session of current, running; mmap_lock and the mutex are held
 * @link: where the execution goes
 * @addresses: page aligned, at most EOS_BATCH; those not here are left out
 * @count: of them
 *
 * Return: 0 or -errno when the stream broke.
 */
int eos_push_ahead(struct eos_session *s, struct eos_link *link,
		   const unsigned long *addresses, unsigned int count)
	__must_hold(&s->mutex)
{
	return eos_push_list(s, link, addresses, count, true);
}

/**
 * eos_push_one - send one page
 * @s: session of current, running; mmap_lock and the mutex are held
 * @link: where to
 * @address: page aligned; nothing is sent if it is not here
 *
 * Return: 0 or -errno when the stream broke.
 */
int eos_push_one(struct eos_session *s, struct eos_link *link,
		 unsigned long address)
	__must_hold(&s->mutex)
{
	eos_keeper_forget(s, address);
	return eos_push_list(s, link, &address, 1, false);
}

/* A push that arrives. */
struct eos_arrival {
	struct eos_wire_push wire;
	struct page *page[EOS_BATCH];
	struct kvec part[EOS_BATCH];
};

/* Read all contents in one piece, into new pages. */
static int eos_arrival_receive(struct eos_link *link,
			       struct eos_arrival *arrival)
{
	unsigned int i, count = le32_to_cpu(arrival->wire.count), parts = 0;

	for (i = 0; i < count; i++) {
		/* it has left the other node: a full memory group must do */
		arrival->page[i] = eos_page_new(current->mm,
						GFP_HIGHUSER_MOVABLE |
						__GFP_NOFAIL);
		if (!arrival->page[i])
			return -ENOMEM;
		if (arrival->wire.kind[i] == EOS_KIND_KEPT)
			continue;
		arrival->part[parts].iov_base = page_address(arrival->page[i]);
		arrival->part[parts++].iov_len = PAGE_SIZE;
	}
	return parts ? eos_receive_parts(link, arrival->part, parts,
					 parts * PAGE_SIZE) : 0;
}

/* A content takes the place of what was kept; a name has it come back. */
static int eos_arrival_revive(struct eos_session *s, struct eos_link *link,
			      struct eos_arrival *arrival, unsigned int i)
{
	unsigned long address = le64_to_cpu(arrival->wire.address[i]);
	struct page *kept = eos_kept_take(s, address);

	if (kept && arrival->wire.kind[i] == EOS_KIND_KEPT)
		copy_highpage(arrival->page[i], kept);
	if (kept)
		eos_page_put(kept);
	if (kept || arrival->wire.kind[i] == EOS_KIND_PAGE)
		return 0;
	eos_fail(s, "node %u takes %lx to be kept here, which is not",
		 link->node, address);
	return -EPROTO;
}

static int eos_arrival_map(struct eos_session *s, struct eos_link *link,
			   struct eos_arrival *arrival, unsigned int i)
{
	unsigned long address = le64_to_cpu(arrival->wire.address[i]);
	struct vm_area_struct *vma;
	int ret;

	ret = eos_arrival_revive(s, link, arrival, i);
	if (ret)
		return ret;
	vma = find_vma(current->mm, address);
	ret = -EFAULT;
	if (vma && vma->vm_start <= address && eos_vma_moves(vma) &&
	    (vma->vm_flags & VM_WRITE))
		ret = eos_page_insert(vma, address, arrival->page[i], 0);
	if (ret)
		eos_fail(s, "node %u pushes %lx, which cannot be mapped (%d)",
			 link->node, address, ret);
	else
		arrival->page[i] = NULL;
	return ret;
}

static int eos_arrival_take(struct eos_session *s, struct eos_link *link,
			    struct eos_arrival *arrival)
{
	unsigned int i, count = le32_to_cpu(arrival->wire.count);
	int ret;

	ret = eos_arrival_receive(link, arrival);
	if (ret)
		return ret;
	mmap_read_lock(current->mm);
	for (i = 0; i < count && !ret; i++) {
		ret = eos_arrival_map(s, link, arrival, i);
		s->counters.received_pages += !ret;
	}
	mmap_read_unlock(current->mm);
	/* an onlooker looks again by himself, should he be missed here */
	if (waitqueue_active(&s->wait))
		wake_up_all(&s->wait);
	if (!ret)
		eos_hot_received(s, &arrival->wire, count);
	return ret;
}

/* Every length that the message names must be the length that it has. */
static bool eos_push_valid(const struct eos_wire_push *wire, size_t length)
{
	unsigned int i, count = le32_to_cpu(wire->count);

	if (!count || count > EOS_BATCH)
		return false;
	length -= sizeof(*wire);
	for (i = 0; i < count; i++) {
		unsigned long address = le64_to_cpu(wire->address[i]);

		if ((address & ~PAGE_MASK) || address >= TASK_SIZE_MAX)
			return false;
		if (wire->kind[i] == EOS_KIND_PAGE && length >= PAGE_SIZE)
			length -= PAGE_SIZE;
		else if (wire->kind[i] != EOS_KIND_KEPT)
			return false;
	}
	return !length;
}

/**
 * eos_push_receive - take what another node pushes
 * @s: session of current, parked
 * @link: from whom; the header has been read
 * @length: of the body
 *
 * Return: 0 or -errno.
 */
int eos_push_receive(struct eos_session *s, struct eos_link *link,
		     size_t length)
{
	struct eos_arrival *arrival = kzalloc(sizeof(*arrival), GFP_KERNEL);
	unsigned int i;
	int ret;

	eos_assert_task(s);
	if (!arrival)
		return -ENOMEM;
	ret = eos_receive(link, &arrival->wire, sizeof(arrival->wire));
	if (!ret && !eos_push_valid(&arrival->wire, length)) {
		eos_link_lost(link, -EPROTO);
		ret = -EPROTO;
	}
	if (!ret)
		ret = eos_arrival_take(s, link, arrival);
	for (i = 0; i < EOS_BATCH; i++)
		if (arrival->page[i])
			eos_page_discard(arrival->page[i]);
	kfree(arrival);
	return ret;
}
