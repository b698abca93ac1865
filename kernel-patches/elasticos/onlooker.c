// SPDX-License-Identifier: GPL-2.0-only
/*
 * Onlookers: others than the process touch its memory at home. They come by
 * /proc, ptrace or process_vm_readv, or are a child of vfork.
 *
 * While the process runs at home they pull as it does itself. While it executes
 * elsewhere, the node that runs it is asked to push the page home (WANT): what
 * any user can do with `ps` is no reason to move the execution. Where that does
 * not help, since the page is locked or in use there, or home has no room, the
 * execution is recalled.
 */

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/sched.h>

#include "session.h"

#define EOS_GLANCE	max(HZ / 50, 1)	/* at what sends no wake-up */
#define EOS_PUSHED_BY	(HZ / 2)	/* else the execution is recalled */

static bool eos_onlooker_ends(struct eos_session *s, struct mm_struct *mm,
			      unsigned long address)
{
	swp_entry_t entry;

	return eos_state(s) != EOS_PARKED ||
	       eos_page_look(mm, address, &entry) != EOS_FOUND_ENTRY ||
	       eos_entry_node(entry) == s->self;
}

/* Nobody can say any more that it will come. */
static bool eos_onlooker_gives_up(struct eos_session *s, struct mm_struct *mm,
				  unsigned long end)
{
	return (READ_ONCE(s->task->flags) & PF_EXITING) ||
	       eos_mmap_contended(mm) || time_after(jiffies, end) ||
	       fatal_signal_pending(current);
}

/**
 * eos_onlooker_waits - wait for a page while the process executes elsewhere
 * @s: session at home
 * @vma: mapping; mmap_lock is held
 * @address: page aligned
 *
 * It takes at most a lease. It ends for SIGKILL of current, and for a writer
 * who waits for mmap_lock: what comes home needs that lock, and he goes first.
 *
 * Return: whether the page or the process is here.
 */
bool eos_onlooker_waits(struct eos_session *s, struct vm_area_struct *vma,
			unsigned long address)
{
	unsigned long begun = jiffies, ask = jiffies;
	unsigned long end = begun + msecs_to_jiffies(s->lease_ms);
	struct mm_struct *mm = vma->vm_mm;
	DEFINE_WAIT(wait);
	bool ends;

	for (;;) {
		if (!time_before(jiffies, ask)) {
			if (eos_over_budget(s) ||
			    time_after(jiffies, begun + EOS_PUSHED_BY))
				WRITE_ONCE(s->recall_wanted, true);
			else
				cmpxchg(&s->page_wanted, 0, address);
			wake_up_all(&s->wait);
			ask = jiffies + EOS_GLANCE;
		}
		prepare_to_wait(&s->wait, &wait, TASK_KILLABLE);
		ends = eos_onlooker_ends(s, mm, address);
		if (ends || eos_onlooker_gives_up(s, mm, end))
			break;
		schedule_timeout(EOS_GLANCE);
	}
	finish_wait(&s->wait, &wait);
	return ends && eos_state(s) != EOS_DEAD;
}

/**
 * eos_onlooker_ask - ask the node that runs the process for a page
 * @s: session of current, parked at home
 *
 * It is not known which one that is.
 */
void eos_onlooker_ask(struct eos_session *s)
{
	struct eos_wire_want want = {
		.away = cpu_to_le64(s->away),
		.address = cpu_to_le64(xchg(&s->page_wanted, 0)),
	};

	eos_assert_task(s);
	eos_tell_all(s, EOS_WANT, &want, sizeof(want));
}

/**
 * eos_onlooker_heard - take a WANT
 * @s: session of a shell; the streams are the caller's
 * @link: to home; the header has been read
 *
 * A node that does not run the process notes it too: JUMP may be on its way.
 *
 * Return: 0 or -errno.
 */
int eos_onlooker_heard(struct eos_session *s, struct eos_link *link)
{
	struct eos_wire_want want;
	unsigned long address;
	int ret;

	eos_assert_streams(s);
	ret = eos_receive(link, &want, sizeof(want));
	if (ret)
		return ret;
	address = le64_to_cpu(want.address);
	if (!address || (address & ~PAGE_MASK) || address >= TASK_SIZE_MAX) {
		eos_link_lost(link, -EPROTO);
		return -EPROTO;
	}
	s->page_wanted = address;
	s->page_wanted_away = le64_to_cpu(want.away);
	eos_kick(s->task);
	return 0;
}

/* Have the page here. Returns whether there is one to be pushed. */
static bool eos_onlooker_fetch(struct eos_session *s,
			       struct vm_area_struct *vma,
			       unsigned long address)
	__must_hold(&s->mutex)
{
	swp_entry_t entry;
	unsigned int node;

	switch (eos_page_look(vma->vm_mm, address, &entry)) {
	case EOS_FOUND_PAGE:
		return true;
	case EOS_FOUND_ENTRY:
		node = eos_entry_node(entry);
		if (node == s->self)
			return !eos_put_zero(s, vma, address);
		return node != EOS_HOME && !eos_pull_one(s, vma, address, node);
	default:
		return false;
	}
}

/**
 * eos_onlooker_serve - push home what somebody there looks at
 * @s: session of current, a shell, running, in the resume hook
 *
 * What cannot be pushed is let be: home will recall the execution.
 */
void eos_onlooker_serve(struct eos_session *s)
{
	unsigned long address = s->page_wanted;
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	eos_assert_task(s);
	mmap_read_lock(mm);
	mutex_lock(&s->mutex);
	s->page_wanted = 0;
	vma = find_vma(mm, address);
	if (s->page_wanted_away == s->away && vma && vma->vm_start <= address &&
	    (vma->vm_flags & VM_WRITE) && eos_onlooker_fetch(s, vma, address))
		eos_push_one(s, s->links[EOS_HOME], address);
	mutex_unlock(&s->mutex);
	mmap_read_unlock(mm);
}
