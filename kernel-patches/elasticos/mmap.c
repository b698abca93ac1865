// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address-space changes. They happen at home only, since system calls do.
 *
 * Before home says anything else to anybody, all nodes hear what changed:
 * first which pages no longer exist (DISCARD), then the list of mappings
 * (META). Elsewhere every mapping is anonymous: contents come from home.
 */

#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "session.h"

#define EOS_PROTS	(PROT_READ | PROT_WRITE | PROT_EXEC)
#define EOS_ZAPS	1024	/* ranges that are noted, of those to discard */

/**
 * eos_mmap_init - room to note what ceases to exist
 * @s: new session
 *
 * Return: 0 or -ENOMEM.
 */
int eos_mmap_init(struct eos_session *s)
{
	s->zapped = vmalloc(EOS_ZAPS * sizeof(*s->zapped));
	s->zap_spare = vmalloc(EOS_ZAPS * sizeof(*s->zap_spare));
	if (s->zapped && s->zap_spare)
		return 0;
	eos_mmap_free(s);
	return -ENOMEM;
}

/**
 * eos_mmap_free - give back what was allocated for mappings
 * @s: session of which this is the last user
 */
void eos_mmap_free(struct eos_session *s)
{
	vfree(s->zapped);
	vfree(s->zap_spare);
	vfree(s->vmas_told.list);
	vfree(s->vmas_now.list);
}

static u32 eos_vma_prot(const struct vm_area_struct *vma)
{
	return (vma->vm_flags & VM_READ ? PROT_READ : 0) |
	       (vma->vm_flags & VM_WRITE ? PROT_WRITE : 0) |
	       (vma->vm_flags & VM_EXEC ? PROT_EXEC : 0);
}

/*
 * Room for as many mappings as there are. It is kept from one time to the next:
 * the list is made before each pull, and vmalloc() flushes TLBs.
 */
static int eos_mmap_room(struct eos_vmas *vmas, unsigned int count)
{
	if (count <= vmas->room)
		return 0;
	if (count > EOS_VMAS_MAX)
		return -ENOMEM;
	vfree(vmas->list);
	vmas->count = 0;
	vmas->room = 0;
	vmas->list = vmalloc(2 * count * sizeof(*vmas->list));
	if (!vmas->list)
		return -ENOMEM;
	vmas->room = 2 * count;
	return 0;
}

/* The list as it is now, neighbours of like protection joined. */
static int eos_mmap_list(struct mm_struct *mm, struct eos_vmas *vmas)
{
	struct eos_wire_vma *last = NULL;
	struct vm_area_struct *vma;
	struct eos_walk walk;
	unsigned int n = 0;
	int ret;

	ret = eos_mmap_room(vmas, mm->map_count);
	if (ret)
		return ret;
	eos_walk_begin(&walk, mm);
	while ((vma = eos_walk_next(&walk))) {
		u32 prot = eos_vma_prot(vma);

		if (!eos_vma_moves(vma))
			continue;
		if (last && le64_to_cpu(last->end) == vma->vm_start &&
		    le32_to_cpu(last->prot) == prot) {
			last->end = cpu_to_le64(vma->vm_end);
			continue;
		}
		last = &vmas->list[n++];
		last->start = cpu_to_le64(vma->vm_start);
		last->end = cpu_to_le64(vma->vm_end);
		last->prot = cpu_to_le32(prot);
		last->reserved = 0;
	}
	vmas->count = n;
	return 0;
}

/* Not memcmp(), which goes byte by byte: this happens before each pull. */
static bool eos_vmas_equal(const struct eos_vmas *a, const struct eos_vmas *b)
{
	unsigned int i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (a->list[i].start != b->list[i].start ||
		    a->list[i].end != b->list[i].end ||
		    a->list[i].prot != b->list[i].prot)
			return false;
	return true;
}

static int eos_send_list(struct eos_link *link, struct eos_wire_vma *list,
			 unsigned int count)
{
	size_t length = count * sizeof(*list);
	struct kvec body[2] = { { }, { list, length } };

	link->session->counters.metas++;
	return eos_send(link, EOS_META, body, 2, length);
}

/* Tell those that do not know; a list that did not change costs no message. */
static int eos_mmap_flush_list(struct eos_session *s)
	__must_hold(&s->mutex)
{
	unsigned int node;
	int ret;

	ret = eos_mmap_list(s->mm, &s->vmas_now);
	if (ret)
		return ret;
	if (!eos_vmas_equal(&s->vmas_now, &s->vmas_told)) {
		swap(s->vmas_now, s->vmas_told);
		for (node = 0; node < EOS_NODES; node++)
			if (s->links[node])
				s->links[node]->told = false;
	}
	for (node = 0; node < EOS_NODES; node++) {
		struct eos_link *link = s->links[node];

		if (link && link->up && !link->told)
			link->told = !eos_send_list(link, s->vmas_told.list,
						    s->vmas_told.count);
	}
	return 0;
}

static void eos_send_ranges(struct eos_session *s,
			    struct eos_wire_range *ranges, unsigned int count)
	__must_hold(&s->mutex)
{
	size_t length = count * sizeof(*ranges);
	unsigned int node;

	BUILD_BUG_ON(EOS_ZAPS > EOS_RANGES_MAX);
	for (node = 0; node < EOS_NODES && count; node++) {
		struct kvec body[2] = { { }, { ranges, length } };

		if (s->links[node] && s->links[node]->up)
			eos_send(s->links[node], EOS_DISCARD, body, 2, length);
	}
	s->counters.discards += count;
}

/*
 * More pages ceased to exist than can be noted. Nobody else has anything worth
 * keeping of what home does not name a node for, so all of that is discarded.
 */
static void eos_mmap_flush_rest(struct eos_session *s,
				struct eos_wire_range *ranges)
	__must_hold(&s->mutex)
{
	unsigned long start = 0, address = 0;
	unsigned int count = 0;
	swp_entry_t entry;

	/* what is kept goes as well */
	eos_keepers_forget(s);
	for (;;) {
		address = eos_next_table(s->mm, address, TASK_SIZE_MAX);
		if (address < TASK_SIZE_MAX &&
		    eos_page_look(s->mm, address, &entry) != EOS_FOUND_ENTRY) {
			address += PAGE_SIZE;
			continue;
		}
		if (start < address) {
			ranges[count].start = cpu_to_le64(start);
			ranges[count++].end = cpu_to_le64(address);
		}
		if (count == EOS_ZAPS || address >= TASK_SIZE_MAX) {
			eos_send_ranges(s, ranges, count);
			count = 0;
		}
		if (address >= TASK_SIZE_MAX)
			break;
		address += PAGE_SIZE;
		start = address;
	}
}

static void eos_mmap_flush_zapped(struct eos_session *s)
	__must_hold(&s->mutex)
{
	unsigned int count;
	bool more;

	spin_lock(&s->zap_lock);
	swap(s->zapped, s->zap_spare);
	count = s->zap_count;
	more = s->zap_more;
	WRITE_ONCE(s->zap_count, 0);
	s->zap_more = false;
	spin_unlock(&s->zap_lock);
	if (more)
		eos_mmap_flush_rest(s, s->zap_spare);
	else
		eos_send_ranges(s, s->zap_spare, count);
}

/**
 * eos_mmap_flush - tell all nodes what changed, before anything else is said
 * @s: session, running or about to; mmap_lock and the mutex are held
 *
 * A node that cannot be told is lost, and has nothing to be told: the others
 * are. Losing one that only held pages is no error: whoever needs one of them
 * finds out.
 *
 * Return: 0 and every node that is up has been told, or -errno.
 */
int eos_mmap_flush(struct eos_session *s)
	__must_hold(&s->mutex)
{
	int ret;

	eos_assert_mmap_locked(s->mm);
	lockdep_assert_held(&s->mutex);
	if (!eos_is_home(s))
		return 0;
	eos_mmap_flush_zapped(s);
	ret = eos_mmap_flush_list(s);
	if (!ret && eos_state(s) == EOS_DEAD)
		ret = -ESHUTDOWN;
	return ret;
}

/* A range that goes on where the last one ended, or that repeats part of it. */
static bool eos_range_joins(struct eos_wire_range *last, unsigned long start,
			    unsigned long end)
{
	if (start < le64_to_cpu(last->start) || start > le64_to_cpu(last->end))
		return false;
	if (end > le64_to_cpu(last->end))
		last->end = cpu_to_le64(end);
	return true;
}

/* Note that no other node has anything of a range that is worth keeping. */
static void eos_mmap_note(struct eos_session *s, unsigned long start,
			  unsigned long end)
{
	spin_lock(&s->zap_lock);
	if (s->zap_count &&
	    eos_range_joins(&s->zapped[s->zap_count - 1], start, end))
		goto out;
	if (s->zap_count == EOS_ZAPS) {
		s->zap_more = true;
		goto out;
	}
	s->zapped[s->zap_count].start = cpu_to_le64(start);
	s->zapped[s->zap_count].end = cpu_to_le64(end);
	WRITE_ONCE(s->zap_count, s->zap_count + 1);
out:
	spin_unlock(&s->zap_lock);
	/* it was not the process: parked, it has the execution come home */
	if (eos_state(s) == EOS_PARKED)
		wake_up_all(&s->wait);
}

/*
 * eos_ops.zapped: entries that named nodes are gone. A pte lock is held. The
 * whole of [start, end) is dying, so neighbouring ranges can be joined.
 */
void eos_mmap_zapped(struct mm_struct *mm, unsigned long start,
		     unsigned long end)
{
	struct eos_session *s = mm->eos;

	if (eos_is_home(s))
		eos_mmap_note(s, start, end);
}

/*
 * eos_ops.changed: copies of a range are out of date. Home has what they should
 * have been copied from, so that no page is lost when they are discarded.
 */
void eos_mmap_changed(struct vm_area_struct *vma, unsigned long start,
		      unsigned long end)
{
	struct eos_session *s = vma->vm_mm->eos;

	if (eos_is_home(s) && READ_ONCE(s->copied) && eos_vma_moves(vma))
		eos_mmap_note(s, start, end);
}

/**
 * eos_mmap_stale - whether others have to be told to discard something
 * @s: session
 *
 * While the process executes elsewhere there is nothing, unless somebody else
 * than the process changes what it has mapped.
 */
bool eos_mmap_stale(const struct eos_session *s)
{
	return READ_ONCE(s->zap_count) != 0;
}

/**
 * eos_mmap_clear - the program of current, now a shell, goes
 */
int eos_mmap_clear(void)
{
	return eos_munmap(0, TASK_SIZE_MAX);
}

static int eos_map_hole(unsigned long start, unsigned long end,
			unsigned long prot)
{
	unsigned long got = eos_mmap(start, end - start, prot);

	if (IS_ERR_VALUE(got))
		return (int)got;
	return got == start ? 0 : -ENOMEM;
}

static int eos_unmap_hole(unsigned long start, unsigned long end)
{
	return start < end ? eos_munmap(start, end - start) : 0;
}

/* One mapping as home has it: fill its holes, correct its protection. */
static int eos_mmap_apply(struct mm_struct *mm, unsigned long start,
			  unsigned long end, unsigned long prot)
{
	while (start < end) {
		struct vm_area_struct *vma;
		unsigned long stop = end;
		int ret;

		mmap_read_lock(mm);
		vma = find_vma(mm, start);
		if (!vma || vma->vm_start > start) {
			if (vma)
				stop = min(end, vma->vm_start);
			mmap_read_unlock(mm);
			ret = eos_map_hole(start, stop, prot);
		} else {
			u32 old = eos_vma_prot(vma);

			stop = min(end, vma->vm_end);
			/* what was read-only holds copies: home has them all */
			if (!(old & PROT_WRITE) && (prot & PROT_WRITE))
				eos_zap_range(vma, start, stop - start);
			mmap_read_unlock(mm);
			ret = old == prot ? 0 :
			      eos_protect(start, stop - start, prot);
		}
		if (ret)
			return ret;
		start = stop;
	}
	return 0;
}

static int eos_mmap_apply_list(struct eos_session *s, struct mm_struct *mm,
			       const struct eos_wire_vma *list,
			       unsigned int count)
{
	unsigned long last = 0;
	unsigned int i;
	int ret;

	for (i = 0; i < count; i++) {
		unsigned long start = le64_to_cpu(list[i].start);
		unsigned long end = le64_to_cpu(list[i].end);
		u32 prot = le32_to_cpu(list[i].prot);

		if ((start | end) & ~PAGE_MASK || start < last ||
		    start >= end || end > TASK_SIZE_MAX ||
		    (prot & ~EOS_PROTS))
			return -EPROTO;
		ret = eos_unmap_hole(last, start);
		if (!ret)
			ret = eos_mmap_apply(mm, start, end, prot);
		if (ret)
			return ret;
		last = end;
		eos_beat_serving(s);
	}
	return eos_unmap_hole(last, TASK_SIZE_MAX);
}

/* Read a body of unknown length into memory of its own. */
static void *eos_receive_body(struct eos_link *link, size_t length)
{
	void *body = vmalloc(length);
	int ret;

	if (!body)
		return ERR_PTR(-ENOMEM);
	ret = eos_receive(link, body, length);
	if (!ret)
		return body;
	vfree(body);
	return ERR_PTR(ret);
}

/**
 * eos_mmap_receive - make the mappings of this shell what home says
 * @s: session of current, parked
 * @link: to home; the header has been read
 * @length: of the body
 *
 * Return: 0 or -errno.
 */
int eos_mmap_receive(struct eos_session *s, struct eos_link *link,
		     size_t length)
{
	struct eos_wire_vma *list;
	u64 started = eos_now();
	int ret;

	eos_assert_task(s);
	if (!length || length % sizeof(*list)) {
		eos_link_lost(link, -EPROTO);
		return -EPROTO;
	}
	list = eos_receive_body(link, length);
	if (IS_ERR(list))
		return PTR_ERR(list);
	ret = eos_mmap_apply_list(s, current->mm, list,
				  length / sizeof(*list));
	if (ret)
		eos_fail(s, "the mappings of home do not fit here (%d)", ret);
	s->counters.metas++;
	vfree(list);
	eos_histogram_add(&s->counters.apply, eos_now() - started);
	return ret;
}

static bool eos_ranges_valid(const struct eos_wire_range *ranges,
			     unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		unsigned long start = le64_to_cpu(ranges[i].start);
		unsigned long end = le64_to_cpu(ranges[i].end);

		if ((start | end) & ~PAGE_MASK || start >= end ||
		    end > TASK_SIZE_MAX)
			return false;
	}
	return true;
}

/**
 * eos_mmap_receive_discard - forget pages that no longer exist
 * @s: session of current, parked
 * @link: to home; the header has been read
 * @length: of the body
 *
 * Return: 0 or -errno.
 */
int eos_mmap_receive_discard(struct eos_session *s, struct eos_link *link,
			     size_t length)
{
	struct mm_struct *mm = current->mm;
	struct eos_wire_range *ranges;
	unsigned int i, count = length / sizeof(*ranges);

	eos_assert_task(s);
	if (length % sizeof(*ranges)) {
		eos_link_lost(link, -EPROTO);
		return -EPROTO;
	}
	ranges = eos_receive_body(link, length);
	if (IS_ERR(ranges))
		return PTR_ERR(ranges);
	if (!eos_ranges_valid(ranges, count)) {
		vfree(ranges);
		eos_link_lost(link, -EPROTO);
		return -EPROTO;
	}
	mmap_read_lock(mm);
	for (i = 0; i < count; i++) {
		unsigned long start = le64_to_cpu(ranges[i].start);
		unsigned long end = le64_to_cpu(ranges[i].end);
		struct vm_area_struct *vma;

		eos_kept_drop(s, start, end);
		for (vma = find_vma(mm, start); vma && vma->vm_start < end;
		     vma = find_vma(mm, vma->vm_end)) {
			unsigned long from = max(start, vma->vm_start);
			unsigned long to = min(end, vma->vm_end);

			if (from < to)
				eos_zap_range(vma, from, to - from);
		}
		eos_beat_serving(s);
	}
	mmap_read_unlock(mm);
	s->counters.discards += count;
	vfree(ranges);
	return 0;
}
