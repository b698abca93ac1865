// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pull: bring the page that was touched, and what follows while that pays.
 *
 * The faulting task asks the node that its page table names and follows the
 * hints until it finds the owner. It holds mmap_lock for read throughout: a
 * stretched process has one thread, so nobody is kept waiting but readers of
 * /proc that come while a writer queues, and no page has to be parked between
 * its arrival and its mapping.
 */

#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/slab.h>

#include "elasticos_trace.h"
#include "session.h"

#define EOS_HOPS_MAX	(2 * EOS_NODES)

/*
 * Room for one answer, got before the question: then nothing can be lost. The
 * pages are charged, and have a place in the page table.
 */
struct eos_basket {
	struct page *page[EOS_WINDOW_MAX];
	unsigned int pages;
	struct eos_wire_pages answer;
	struct kvec part[1 + EOS_WINDOW_MAX];
};

static void eos_basket_destroy(struct eos_basket *basket)
{
	unsigned int i;

	for (i = 0; i < EOS_WINDOW_MAX; i++)
		if (basket->page[i])
			eos_page_discard(basket->page[i]);
	kfree(basket);
}

/* @sparing: rather have nothing than have something killed for memory */
static struct eos_basket *eos_basket_create(struct vm_area_struct *vma,
					    unsigned long address,
					    unsigned int pages, bool sparing)
{
	struct eos_basket *basket = kzalloc(sizeof(*basket), GFP_KERNEL);

	if (!basket)
		return NULL;
	for (; basket->pages < pages; basket->pages++) {
		gfp_t gfp = GFP_HIGHUSER_MOVABLE;

		/* read-ahead is not worth an OOM kill */
		if (basket->pages)
			gfp |= __GFP_NORETRY | __GFP_NOWARN;
		else if (sparing)
			gfp |= __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
		basket->page[basket->pages] = eos_page_new(vma->vm_mm, gfp);
		if (!basket->page[basket->pages])
			break;
	}
	if (basket->pages && !eos_page_room(vma, address, basket->pages))
		return basket;
	eos_basket_destroy(basket);
	return NULL;
}

/*
 * Read an answer in one piece: its contents into as many pages, in order.
 * Returns how many contents came, or -errno.
 */
static int eos_basket_receive(struct eos_link *link, struct eos_basket *basket,
			      size_t length)
{
	size_t rest = length - sizeof(basket->answer);
	unsigned int i, contents = rest / PAGE_SIZE;
	int ret;

	if (rest % PAGE_SIZE || contents > basket->pages)
		return -EPROTO;
	basket->part[0].iov_base = &basket->answer;
	basket->part[0].iov_len = sizeof(basket->answer);
	for (i = 0; i < contents; i++) {
		basket->part[1 + i].iov_base = page_address(basket->page[i]);
		basket->part[1 + i].iov_len = PAGE_SIZE;
	}
	ret = eos_receive_parts(link, basket->part, 1 + contents, length);
	return ret ? ret : contents;
}

/* Give each page of the answer that has a content its own, the last one first. */
static int eos_basket_sort(struct eos_basket *basket, unsigned long address,
			   unsigned int contents)
{
	struct eos_wire_pages *answer = &basket->answer;
	unsigned int i, count = le32_to_cpu(answer->count);

	if (count > basket->pages || contents > count ||
	    le64_to_cpu(answer->address) != address)
		return -EPROTO;
	for (i = count; i--;) {
		if (answer->kind[i] < EOS_KIND_ZERO ||
		    answer->kind[i] > EOS_KIND_KEPT)
			return -EPROTO;
		if (answer->kind[i] == EOS_KIND_ZERO)
			continue;
		if (!contents--)
			return -EPROTO;
		swap(basket->page[i], basket->page[contents]);
	}
	return contents ? -EPROTO : 0;
}

static int eos_ask(struct eos_link *link, struct eos_basket *basket,
		   unsigned long address, bool keep)
	__must_hold(&link->session->mutex)
{
	struct eos_wire_pull wire = {
		.address = cpu_to_le64(address),
		.count = cpu_to_le32(basket->pages),
		.keep = cpu_to_le32(keep),
	};
	struct kvec body[2] = { { }, { &wire, sizeof(wire) } };
	struct eos_header header;
	int ret;

	ret = eos_send(link, EOS_PULL, body, 2, sizeof(wire));
	if (ret)
		return ret;
	ret = eos_await(link, EOS_PAGES, &header);
	if (ret)
		return ret;
	ret = eos_basket_receive(link, basket, le32_to_cpu(header.length));
	if (ret >= 0)
		ret = eos_basket_sort(basket, address, ret);
	if (ret == -EPROTO)
		eos_link_lost(link, ret);
	return ret;
}

/* A page of zeroes where one was touched. */
static int eos_map_zero(struct vm_area_struct *vma, unsigned long address,
			struct page **page)
{
	int ret;

	clear_highpage(*page);
	ret = eos_page_insert(vma, address, *page, EOS_INSERT_YOUNG);
	if (!ret)
		*page = NULL;
	return ret;
}

/* Note that the following pages, all zeroes, are ours from now on. */
static int eos_map_zero_ahead(struct eos_session *s,
			      struct vm_area_struct *vma, unsigned long address)
{
	swp_entry_t old = { }, new = { };
	enum eos_found found = eos_page_look(vma->vm_mm, address, &old);

	if (found == EOS_FOUND_NONE)
		old.val = 0;
	else if (found != EOS_FOUND_ENTRY)
		return -EEXIST;
	if (!eos_is_home(s))
		new = eos_entry(s->self);
	return eos_entry_replace(vma, address, old, new);
}

static int eos_map_answer(struct eos_session *s, struct vm_area_struct *vma,
			  struct eos_basket *basket, unsigned long address,
			  unsigned int node)
	__must_hold(&s->mutex)
{
	unsigned int count = le32_to_cpu(basket->answer.count);
	unsigned int i;
	int ret;

	for (i = 0; i < count; i++, address += PAGE_SIZE) {
		u8 kind = basket->answer.kind[i];

		if (kind == EOS_KIND_ZERO) {
			s->counters.pulled_zeroes++;
			ret = i ? eos_map_zero_ahead(s, vma, address) :
				  eos_map_zero(vma, address, &basket->page[0]);
		} else {
			unsigned int flags = i ? 0 : EOS_INSERT_YOUNG;

			if (kind == EOS_KIND_KEPT &&
			    !eos_keeper_note(s, address, node))
				flags |= EOS_INSERT_CLEAN;
			ret = eos_page_insert(vma, address, basket->page[i],
					      flags);
			if (!ret)
				basket->page[i] = NULL;
			s->counters.pulled_pages++;
			if (kind == EOS_KIND_COPY)
				s->counters.pulled_copies++;
		}
		/* the copy that is here already is as good */
		if (ret == -EEXIST && !(vma->vm_flags & VM_WRITE))
			ret = 0;
		if (ret) {
			eos_fail(s, "page %lx came but cannot be mapped (%d)",
				 address, ret);
			return ret;
		}
	}
	return 0;
}

/* Whom to ask for a page. */
struct eos_trail {
	unsigned int node;	/* asked now, or the name that was found last */
	unsigned int hops;
	unsigned long left;	/* at home: who has not been asked, a bit each */
	bool cold;		/* it led to a dead node */
};

static void eos_trail_begin(struct eos_session *s, struct eos_trail *trail,
			    unsigned int node)
{
	trail->node = node;
	trail->hops = 0;
	/* another node whose trail ends leaves the search to home */
	trail->left = eos_is_home(s) ? (1UL << EOS_NODES) - 1 : 0;
	trail->cold = false;
	__clear_bit(s->self, &trail->left);
}

/*
 * The next node to ask. A dead one may have given the page away before it died,
 * and nobody else knows to whom: then all that are left are asked. Returns NULL
 * when there is none.
 */
static struct eos_link *eos_trail_next(struct eos_session *s,
				       struct eos_trail *trail)
	__must_hold(&s->mutex)
{
	struct eos_link *link;

	lockdep_assert_held(&s->mutex);
	link = trail->node < EOS_NODES ? s->links[trail->node] : NULL;
	while (!(link && link->up)) {
		if (!trail->left)
			return NULL;
		trail->cold = true;
		trail->node = __ffs(trail->left);
		__clear_bit(trail->node, &trail->left);
		link = s->links[trail->node];
	}
	__clear_bit(trail->node, &trail->left);
	return link;
}

/* A node does not have the page and says who has. Returns 0 or -errno. */
static int eos_trail_follow(struct eos_session *s, struct eos_trail *trail,
			    unsigned long address, unsigned int owner)
	__must_hold(&s->mutex)
{
	lockdep_assert_held(&s->mutex);
	if (owner == trail->node)
		return -EBUSY;	/* it is there, and cannot leave */
	s->counters.moved_hints++;
	trail->node = owner;
	if (owner == s->self && trail->cold) {
		trail->node = EOS_NODES;
		return 0;
	}
	if (owner != s->self && ++trail->hops <= EOS_HOPS_MAX)
		return 0;
	if (eos_apart(s)) {
		eos_set_reason(s, "page %lx is lost between two nodes",
			       address);
		return -EHOSTUNREACH;
	}
	eos_fail(s, "page %lx is nowhere", address);
	return -EIO;
}

/*
 * Ask until somebody answers with pages. Returns 0 or -errno. A node that is
 * lost while it is asked is a dead one from then on.
 */
static int eos_trail_ask(struct eos_session *s, struct eos_trail *trail,
			 struct eos_basket *basket, unsigned long address,
			 bool keep)
	__must_hold(&s->mutex)
{
	struct eos_link *link;
	int ret;

	lockdep_assert_held(&s->mutex);
	for (;;) {
		link = eos_trail_next(s, trail);
		if (!link)
			return -EHOSTUNREACH;
		ret = eos_ask(link, basket, address, keep);
		s->counters.pulls++;
		if (ret && (link->up || eos_state(s) == EOS_DEAD ||
			    fatal_signal_pending(current)))
			return ret;
		if (ret)
			continue;
		if (basket->answer.count)
			return 0;
		ret = eos_trail_follow(s, trail, address,
				       le32_to_cpu(basket->answer.owner));
		if (ret)
			return ret;
	}
}

/* How to pull. */
#define EOS_PULL_KEEP		1	/* whoever gives a page keeps it */
#define EOS_PULL_SPARING	2	/* -ENOMEM rather than an OOM kill */

/*
 * Ask from one node to the next, @from being the first and then the last, until
 * the page is here. mmap_lock is held. Returns how many pages came; -EBUSY when
 * the page is at @from and cannot leave; or another -errno.
 */
static int eos_pull(struct eos_session *s, struct vm_area_struct *vma,
		    unsigned long address, unsigned int *from,
		    unsigned int window, unsigned int how)
	__must_hold(&s->mutex)
{
	struct eos_basket *basket;
	struct eos_trail trail;
	u64 started = eos_now();
	unsigned int node, count;
	int ret;

	eos_assert_mmap_locked(vma->vm_mm);
	lockdep_assert_held(&s->mutex);
	window = min_t(unsigned long, window,
		       (vma->vm_end - address) >> PAGE_SHIFT);
	basket = eos_basket_create(vma, address, window,
				   how & EOS_PULL_SPARING);
	if (!basket)
		return -ENOMEM;
	eos_trail_begin(s, &trail, *from);
	ret = eos_trail_ask(s, &trail, basket, address, how & EOS_PULL_KEEP);
	node = trail.node;
	count = le32_to_cpu(basket->answer.count);
	if (!ret)
		ret = eos_map_answer(s, vma, basket, address, node);
	if (!ret) {
		u8 kind = basket->answer.kind[0];
		u64 took;

		if (kind == EOS_KIND_PAGE || kind == EOS_KIND_KEPT)
			eos_policy_pulled(s, node, count, started);
		took = eos_now() - started;
		eos_histogram_add(&s->counters.pull, took);
		trace_eos_pull(s, node, address, count, kind, took);
		ret = count;
	}
	eos_basket_destroy(basket);
	*from = node;
	return ret;
}

/**
 * eos_pull_one - bring one page, nobody having touched it
 * @s: session, running; mmap_lock and the mutex are held
 * @vma: its mapping
 * @address: page aligned
 * @node: that is believed to have it
 *
 * Return: 0 or -errno.
 */
int eos_pull_one(struct eos_session *s, struct vm_area_struct *vma,
		 unsigned long address, unsigned int node)
	__must_hold(&s->mutex)
{
	return min(eos_pull(s, vma, address, &node, 1, 0), 0);
}

/*
 * The kernel cannot reach memory of the process for it. A system call would only
 * tell of a bad address, and the return to user space of a bad access.
 *
 * When the stack for a handler of SIGBUS is what was lost, SIGSEGV is pending.
 * Linux 2.6.38 delivers SIGBUS before SIGSEGV, and even before SIGKILL: another
 * SIGBUS at each attempt would go on for ever.
 */
static void eos_lost_to_kernel(struct eos_session *s, unsigned int flags)
{
	if (current == s->task && !(flags & FAULT_FLAG_USER) &&
	    !sigismember(&current->pending.signal, SIGSEGV))
		eos_force_signal(SIGBUS);
}

static vm_fault_t eos_fault_result(struct eos_session *s, int ret)
{
	switch (ret) {
	case 0:
		eos_push_soon(s);
		return VM_FAULT_MAJOR;
	case -ENOMEM:
		return VM_FAULT_OOM;
	default:
		return VM_FAULT_SIGBUS;
	}
}

/* A fault of somebody else cannot be served now: once more, if he can. */
static vm_fault_t eos_fault_later(struct mm_struct *mm, unsigned int flags)
{
	if (!(flags & FAULT_FLAG_ALLOW_RETRY) ||
	    (flags & (FAULT_FLAG_RETRY_NOWAIT | FAULT_FLAG_TRIED)) ||
	    fatal_signal_pending(current))
		return VM_FAULT_SIGBUS;
	mmap_read_unlock(mm);
	return VM_FAULT_RETRY;
}

/*
 * While a fault waited, for the mutex or for the execution to come home, the
 * page may have come or gone on, and the execution left again.
 */
static bool eos_still_asks(struct eos_session *s, struct mm_struct *mm,
			   unsigned long address, unsigned int node)
	__must_hold(&s->mutex)
{
	swp_entry_t entry;

	lockdep_assert_held(&s->mutex);
	if (eos_state(s) != EOS_RUNNING)
		return false;
	switch (eos_page_look(mm, address, &entry)) {
	case EOS_FOUND_ENTRY:
		return eos_entry_node(entry) == node;
	case EOS_FOUND_NONE:
		return !eos_is_home(s) && node == EOS_HOME;
	default:
		return false;
	}
}

/*
 * Whether the execution goes to the page instead: by choice, or since home can
 * help where this node cannot.
 */
static bool eos_fault_leaves(struct eos_session *s, unsigned long address,
			     unsigned int node)
	__must_hold(&s->mutex)
{
	struct eos_link *link = node < EOS_NODES ? s->links[node] : NULL;
	bool up = link && link->up;

	if (!up && !eos_is_home(s)) {
		eos_session_request_jump(s, EOS_HOME, true);
		return true;
	}
	if (up && !eos_stays_home(s) && eos_policy_jumps(s, node, address)) {
		eos_session_request_jump(s, node, false);
		return true;
	}
	return false;
}

/*
 * Bring the page and what follows it. Returns 0, -EBUSY when it is at @from and
 * cannot leave, or another -errno.
 */
static int eos_fault_pulls(struct eos_session *s, struct vm_area_struct *vma,
			   unsigned long address, unsigned int *from)
	__must_hold(&s->mutex)
{
	unsigned int window = eos_readahead_window(s, address);
	int ret;

	ret = eos_mmap_flush(s);
	if (!ret)
		ret = eos_pull(s, vma, address, from, window,
			       READ_ONCE(s->budget) ? EOS_PULL_KEEP : 0);
	if (ret <= 0)
		return ret;
	eos_readahead_pulled(s, address, ret);
	eos_hot_pulled(s, address);
	return 0;
}

/*
 * A page cannot leave its node, since the kernel there uses it. The execution
 * can go where it is, for as long as that lasts; whoever cannot has to ask
 * again. Returns 0 to try the access again, or -EINTR.
 */
static int eos_fault_stuck(struct eos_session *s, unsigned int node,
			   bool leaves)
{
	if (leaves && !eos_stays_home(s)) {
		s->counters.forced_stuck++;
		eos_session_request_jump(s, node, true);
		return 0;
	}
	/* in user mode signals are looked at before the next try */
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static vm_fault_t eos_remote_fault(struct eos_session *s,
				   struct vm_area_struct *vma,
				   unsigned long address, unsigned int flags,
				   unsigned int node)
{
	bool ours = current == s->task;
	bool program = ours && (flags & FAULT_FLAG_USER);
	int ret;

	trace_eos_fault(s, node, address, program);
	if (!ours && !eos_is_home(s))
		return VM_FAULT_SIGBUS;
	if (!ours && eos_state(s) == EOS_PARKED)
		return eos_onlooker_waits(s, vma, address) ?
			       0 : eos_fault_later(vma->vm_mm, flags);
	if (eos_state(s) != EOS_RUNNING)
		return VM_FAULT_SIGBUS;

	mutex_lock(&s->mutex);
	if ((program && eos_fault_leaves(s, address, node)) ||
	    !eos_still_asks(s, vma->vm_mm, address, node)) {
		mutex_unlock(&s->mutex);
		return 0;
	}
	ret = eos_fault_pulls(s, vma, address, &node);
	mutex_unlock(&s->mutex);
	if (ret == -EBUSY) {
		ret = eos_fault_stuck(s, node, program);
		return ret ? VM_FAULT_SIGBUS : 0;
	}
	if (ret && ret != -ENOMEM)
		eos_lost_to_kernel(s, flags);
	return eos_fault_result(s, ret);
}

/* eos_ops.fault */
vm_fault_t eos_pull_fault(struct vm_area_struct *vma, unsigned long address,
			  unsigned int flags, swp_entry_t entry)
{
	struct eos_session *s = vma->vm_mm->eos;
	unsigned int node = eos_entry_node(entry);

	address &= PAGE_MASK;
	if (node == s->self)
		return eos_fault_result(s, eos_put_zero(s, vma, address));
	return eos_remote_fault(s, vma, address, flags, node);
}

/* eos_ops.fault_none */
vm_fault_t eos_pull_fault_none(struct vm_area_struct *vma,
			       unsigned long address, unsigned int flags)
{
	struct eos_session *s = vma->vm_mm->eos;

	if (eos_is_home(s))
		return EOS_PASS;
	return eos_remote_fault(s, vma, address & PAGE_MASK, flags, EOS_HOME);
}

/*
 * The next page of a mapping that another node has, from @address on.
 * Returns its node, or EOS_NODES when there is none before @end.
 */
static unsigned int eos_remote_next(struct eos_session *s, struct mm_struct *mm,
				    unsigned long *address, unsigned long end)
{
	swp_entry_t entry;

	for (;; *address += PAGE_SIZE) {
		*address = eos_next_table(mm, *address, end);
		if (*address >= end)
			return EOS_NODES;
		if (eos_page_look(mm, *address, &entry) == EOS_FOUND_ENTRY &&
		    eos_entry_node(entry) != s->self)
			return eos_entry_node(entry);
	}
}

/*
 * Whether there is memory for the pages of a range that others have. Without
 * looking first, bringing them would leave nothing to all others here.
 */
static bool eos_gather_fits(struct eos_session *s, struct mm_struct *mm,
			    unsigned long start, unsigned long end)
{
	unsigned long left = eos_pages_left(), address, stop;
	struct vm_area_struct *vma;

	for (vma = find_vma(mm, start); vma && vma->vm_start < end;
	     vma = find_vma(mm, vma->vm_end)) {
		address = max(start, vma->vm_start);
		stop = min(end, vma->vm_end);
		while (eos_remote_next(s, mm, &address, stop) < EOS_NODES) {
			if (!left--)
				return false;
			address += PAGE_SIZE;
		}
	}
	return true;
}

/* Bring those pages of [@start, @end) that are of one mapping. */
static int eos_gather_vma(struct eos_session *s, struct vm_area_struct *vma,
			  unsigned long start, unsigned long end)
	__must_hold(&s->mutex)
{
	unsigned long address = max(start, vma->vm_start);
	unsigned long stop = min(end, vma->vm_end);
	bool others = start || end < TASK_SIZE_MAX;
	int ret = 0;

	lockdep_assert_held(&s->mutex);
	while (ret >= 0) {
		unsigned long before = s->counters.pulled_pages;
		unsigned int node = eos_remote_next(s, vma->vm_mm, &address,
						    stop);

		if (node >= EOS_NODES)
			return 0;
		ret = eos_pull(s, vma, address, &node, EOS_WINDOW_MAX,
			       EOS_PULL_SPARING);
		s->counters.gathered_pages += s->counters.pulled_pages - before;
		if (ret == -EBUSY)
			ret = 0;	/* in use there: ask again */
		if (others)
			others = eos_push_within(s, start, end);
		if (fatal_signal_pending(current))
			ret = -EINTR;
	}
	return ret;
}

/*
 * eos_ops.gather: mremap, mprotect and fork need the pages of a range here.
 * mmap_lock is held. Pages outside of the range make room for them.
 */
int eos_pull_gather(struct mm_struct *mm, unsigned long start,
		    unsigned long end)
{
	struct eos_session *s = mm->eos;
	struct vm_area_struct *vma;
	int ret;

	eos_assert_mmap_locked(mm);
	if (!eos_is_home(s) || eos_state(s) == EOS_NEW)
		return 0;
	if (eos_state(s) != EOS_RUNNING)
		return -EBUSY;
	start &= PAGE_MASK;	/* mremap has not checked it yet */
	if (!eos_gather_fits(s, mm, start, end))
		return -ENOMEM;
	mutex_lock(&s->mutex);
	/* a page is known by its address, which is about to change */
	eos_keepers_forget(s);
	ret = eos_mmap_flush(s);
	for (vma = find_vma(mm, start); vma && vma->vm_start < end && !ret;
	     vma = find_vma(mm, vma->vm_end))
		ret = eos_gather_vma(s, vma, start, end);
	eos_push_soon(s);
	mutex_unlock(&s->mutex);
	return ret;
}

static u8 eos_kind_of(enum eos_found found)
{
	switch (found) {
	case EOS_FOUND_ZERO:
		return EOS_KIND_ZERO;
	case EOS_FOUND_PAGE:
		return EOS_KIND_PAGE;
	case EOS_FOUND_COPY:
		return EOS_KIND_COPY;
	default:
		return 0;
	}
}

/* What an answer is made of, as long as it is under way. */
struct eos_serving {
	struct eos_wire_pages answer;
	struct kvec body[2 + EOS_WINDOW_MAX];
	struct page *page[EOS_WINDOW_MAX];
	unsigned int parts;
};

/*
 * The page that is asked for cannot be given. What is in use here, and at home
 * also what its file or its mapping refuses, the execution will find out when
 * it comes. Elsewhere what swap does not bring back is lost.
 */
static int eos_serve_refuse(struct eos_session *s, unsigned long address,
			    enum eos_found found, unsigned int *owner)
{
	if (found == EOS_FOUND_BUSY || eos_is_home(s)) {
		*owner = s->self;
		return 0;
	}
	eos_fail(s, "page %lx cannot be given (%d)", address, found);
	return -EIO;
}

static int eos_serve_collect(struct eos_session *s, struct eos_link *link,
			     struct eos_serving *serving, unsigned long address,
			     unsigned int window, bool keep)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned int count = 0, owner = EOS_HOME;
	enum eos_found found = EOS_FOUND_NONE;
	int ret = 0;

	mmap_read_lock(mm);
	vma = find_vma(mm, address);
	if (!vma || vma->vm_start > address || !eos_vma_moves(vma)) {
		eos_fail(s, "node %u asks for %lx, which is not mapped",
			 link->node, address);
		ret = -EFAULT;
		goto out;
	}
	if (!(vma->vm_flags & VM_WRITE))
		WRITE_ONCE(s->copied, true);
	for (; count < window && address < vma->vm_end; address += PAGE_SIZE) {
		struct page *page = NULL;
		u8 kind;

		found = eos_take_page(s, vma, address, link->node, count == 0,
				      &page, &owner);
		kind = eos_kind_of(found);
		if (!kind)
			break;
		if (keep && kind == EOS_KIND_PAGE &&
		    eos_keep_page(s, address, page))
			kind = EOS_KIND_KEPT;
		serving->answer.kind[count] = kind;
		serving->page[count++] = page;
		if (!page)
			continue;
		serving->body[serving->parts].iov_base = page_address(page);
		serving->body[serving->parts++].iov_len = PAGE_SIZE;
	}
	if (!count && found != EOS_FOUND_ENTRY)
		ret = eos_serve_refuse(s, address, found, &owner);
out:
	mmap_read_unlock(mm);
	serving->answer.count = cpu_to_le32(count);
	serving->answer.owner = cpu_to_le32(owner);
	return ret;
}

/**
 * eos_pull_serve - answer a PULL
 * @s: session of current, parked
 * @link: who asks; the header has been read
 *
 * Return: 0 or -errno.
 */
int eos_pull_serve(struct eos_session *s, struct eos_link *link)
{
	struct eos_serving *serving;
	struct eos_wire_pull wire;
	u64 started = eos_now();
	unsigned long address;
	unsigned int i, window;
	int ret;

	eos_assert_task(s);
	ret = eos_receive(link, &wire, sizeof(wire));
	if (ret)
		return ret;
	address = le64_to_cpu(wire.address);
	window = le32_to_cpu(wire.count);
	if (!window || window > EOS_WINDOW_MAX || (address & ~PAGE_MASK) ||
	    address >= TASK_SIZE_MAX) {
		eos_link_lost(link, -EPROTO);
		return -EPROTO;
	}
	serving = kzalloc(sizeof(*serving), GFP_KERNEL);
	if (!serving)
		return -ENOMEM;
	serving->answer.address = cpu_to_le64(address);
	serving->body[1].iov_base = &serving->answer;
	serving->body[1].iov_len = sizeof(serving->answer);
	serving->parts = 2;

	ret = eos_serve_collect(s, link, serving, address, window,
				wire.keep != 0);
	if (!ret)
		ret = eos_send(link, EOS_PAGES, serving->body, serving->parts,
			       sizeof(serving->answer) +
			       (serving->parts - 2) * PAGE_SIZE);
	for (i = 0; i < EOS_WINDOW_MAX; i++)
		if (serving->page[i])
			eos_page_put(serving->page[i]);
	s->counters.served_pulls++;
	s->counters.served_pages += serving->parts - 2;
	kfree(serving);
	eos_histogram_add(&s->counters.serve, eos_now() - started);
	return ret;
}
