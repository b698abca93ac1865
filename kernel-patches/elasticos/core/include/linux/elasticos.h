/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ElasticOS: a process stretched over several machines.
 *
 * The core kernel calls the elasticos module through one table, eos_ops, and
 * only for an address space whose mm->eos is set. A session pins the module,
 * so the table is valid whenever mm->eos is; elsewhere a hook costs one load.
 *
 * One source serves 2.6.38 and 6.1. The names are those of 6.1: mmap_lock is
 * mmap_sem on 2.6.38.
 */
#ifndef _LINUX_ELASTICOS_H
#define _LINUX_ELASTICOS_H

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/thread_info.h>
#ifndef CONFIG_ELASTICOS_2_6_38	/* which has no task_work */
#include <linux/task_work.h>
#endif

struct pt_regs;

#ifdef CONFIG_ELASTICOS_2_6_38	/* which has no type for VM_FAULT_ codes */
#define vm_fault_t int
#endif

/* What fault_none returns for "not mine, go on as usual". */
#define EOS_PASS	((__force vm_fault_t)-1)

#ifdef CONFIG_ELASTICOS

/**
 * struct eos_ops - what the module does for the core kernel
 * @owner:	the module, pinned once per attached address space
 * @fault:	a fault met an entry that names a node; mmap_lock held for read
 *		or write; VM_FAULT_ code
 * @fault_none:	a fault met an empty entry; VM_FAULT_ code or EOS_PASS
 * @grow:	a fault is about to be handled, which may add a page; mmap_lock held
 *		for read or write
 * @zapped:	entries that named nodes went away in [start, end); called under
 *		the pte lock, must not sleep
 * @changed:	what a mapping without write permission shows in [start, end) is
 *		not what it was; called under spinlocks, must not sleep
 * @gather:	bring every remote page of [start, end) here; mmap_lock held for
 *		write; 0 or -errno
 * @reserve:	how many pages the process may reserve on all its nodes together;
 *		called under a spinlock, must not sleep
 * @clone:	before the address space of current is shared or copied
 * @release:	the last user of the address space has gone
 * @resume:	about to return to user space; non-zero if the session ended and
 *		its reference to the module has to be dropped
 * @syscall:	a task marked with SYSCALL_WORK_ELASTICOS (on 2.6.38 with
 *		TIF_ELASTICOS) enters a system call; non-zero to skip it
 * @bad_area:	a user access that this node cannot resolve; non-zero if another
 *		node will
 */
struct eos_ops {
	struct module *owner;
	vm_fault_t (*fault)(struct vm_area_struct *vma, unsigned long address,
			    unsigned int flags, swp_entry_t entry);
	vm_fault_t (*fault_none)(struct vm_area_struct *vma,
				 unsigned long address, unsigned int flags);
	void (*grow)(struct mm_struct *mm, unsigned int flags);
	void (*zapped)(struct mm_struct *mm, unsigned long start,
		       unsigned long end);
	void (*changed)(struct vm_area_struct *vma, unsigned long start,
			unsigned long end);
	int (*gather)(struct mm_struct *mm, unsigned long start,
		      unsigned long end);
	unsigned long (*reserve)(struct mm_struct *mm);
	int (*clone)(struct mm_struct *mm, unsigned long clone_flags);
	void (*release)(struct mm_struct *mm);
	int (*resume)(struct pt_regs *regs);
	int (*syscall)(struct pt_regs *regs);
	int (*bad_area)(struct mm_struct *mm, unsigned long address);
};

extern const struct eos_ops *eos_ops;

int eos_register(const struct eos_ops *ops);
void eos_unregister(const struct eos_ops *ops);
void eos_attach(struct mm_struct *mm, struct eos_session *s);

static inline int is_eos_entry(swp_entry_t entry)
{
	return unlikely(swp_type(entry) == SWP_EOS);
}

static inline vm_fault_t eos_fault(struct vm_area_struct *vma,
				   unsigned long address, unsigned int flags,
				   swp_entry_t entry)
{
	if (unlikely(!vma->vm_mm->eos))
		return VM_FAULT_SIGBUS;
	return eos_ops->fault(vma, address, flags, entry);
}

static inline vm_fault_t eos_fault_none(struct vm_area_struct *vma,
					unsigned long address,
					unsigned int flags)
{
	if (likely(!vma->vm_mm->eos))
		return EOS_PASS;
	return eos_ops->fault_none(vma, address, flags);
}

static inline void eos_grow(struct mm_struct *mm, unsigned int flags)
{
	if (unlikely(mm->eos))
		eos_ops->grow(mm, flags);
}

/* Callers need not hold mmap_lock: these look at mm->eos with a lock. */
void eos_report_zapped(struct mm_struct *mm, unsigned long start,
		       unsigned long end);
void eos_report_changed(struct vm_area_struct *vma, unsigned long start,
			unsigned long end);
bool eos_find_reserve(struct mm_struct *mm, unsigned long pages);

static inline void eos_zapped(struct mm_struct *mm, unsigned long start,
			      unsigned long end)
{
	if (mm->eos)
		eos_report_zapped(mm, start, end);
}

/* Once it has: a copy that another node got before is a copy of the past. */
static inline void eos_changed(struct vm_area_struct *vma, unsigned long start,
			       unsigned long end)
{
	if (unlikely(vma->vm_mm->eos) && !(vma->vm_flags & VM_WRITE))
		eos_report_changed(vma, start, end);
}

static inline int eos_gather(struct mm_struct *mm, unsigned long start,
			     unsigned long end)
{
	return unlikely(mm->eos) ? eos_ops->gather(mm, start, end) : 0;
}

/* Whether a process may reserve more memory than this machine has. */
static inline bool eos_may_reserve(struct mm_struct *mm, unsigned long pages)
{
	return mm && mm->eos && eos_find_reserve(mm, pages);
}

static inline int eos_clone(struct mm_struct *mm, unsigned long clone_flags)
{
	return unlikely(mm->eos) ? eos_ops->clone(mm, clone_flags) : 0;
}

static inline int eos_syscall(struct pt_regs *regs)
{
	struct mm_struct *mm = current->mm;

	return mm && mm->eos ? eos_ops->syscall(regs) : 0;
}

static inline int eos_bad_area(unsigned long address)
{
	struct mm_struct *mm = current->mm;

	return unlikely(mm && mm->eos) ? eos_ops->bad_area(mm, address) : 0;
}

static inline void eos_resume(struct pt_regs *regs)
{
	struct mm_struct *mm = current->mm;

	if (likely(!mm || !mm->eos))
		return;
#ifndef CONFIG_ELASTICOS_2_6_38	/* which has no task_work */
	/* what a call left to do must not wait until the execution is back */
	if (task_work_pending(current))
		task_work_run();
#endif
	if (eos_ops->resume(regs))
		module_put(eos_ops->owner);
}

static inline void eos_release(struct mm_struct *mm)
{
	if (unlikely(mm->eos)) {
		eos_ops->release(mm);
		module_put(eos_ops->owner);
	}
}

static inline void eos_mm_init(struct mm_struct *mm)
{
	mm->eos = NULL;
}

/* The page primitives: the only places that move a page in or out. */

/* eos_page_insert() flags */
#define EOS_INSERT_YOUNG	1	/* it was touched, not only read ahead */
#define EOS_INSERT_CLEAN	2	/* another node keeps this content */

/* eos_page_extract() flags */
#define EOS_EXTRACT_CLOCK	1	/* second chance, and only an idle page */
#define EOS_EXTRACT_HOME	2	/* an empty anonymous entry is a zero page */

/* What eos_page_extract() found, hence did. */
enum eos_found {
	EOS_FOUND_NONE,		/* empty; left alone */
	EOS_FOUND_ENTRY,	/* a node's name; left alone, in *entry */
	EOS_FOUND_ZERO,		/* a page of zeroes; replaced if writable */
	EOS_FOUND_PAGE,		/* a page; replaced, reference in *page */
	EOS_FOUND_COPY,		/* read-only; left alone, reference in *page */
	EOS_FOUND_ABSENT,	/* in swap or in its file: fault it in first */
	EOS_FOUND_BUSY,		/* in use by the kernel or recently touched */
	EOS_FOUND_SHARED,	/* with a child; not seen by callers */
};

/*
 * On a page that was mapped clean. Nobody else sets it on anonymous memory; it
 * goes when the page is freed, and is not copied when one is migrated or broken
 * off after fork. Together with clean dirty bits it means "as it came".
 */
#define EOS_PAGE_MARK	PG_arch_1

/**
 * eos_page_clean - whether a page is as it came
 * @page: that eos_page_extract() gave
 */
static inline bool eos_page_clean(struct page *page)
{
	return test_bit(EOS_PAGE_MARK, &page->flags);
}

struct page *eos_page_new(struct mm_struct *mm, gfp_t gfp);
void eos_page_discard(struct page *page);
int eos_page_room(struct vm_area_struct *vma, unsigned long address,
		  unsigned int pages);
int eos_page_insert(struct vm_area_struct *vma, unsigned long address,
		    struct page *page, unsigned int flags);
enum eos_found eos_page_extract(struct vm_area_struct *vma,
				unsigned long address, swp_entry_t leave,
				unsigned int flags, struct page **page,
				swp_entry_t *entry);
enum eos_found eos_page_look(struct mm_struct *mm, unsigned long address,
			     swp_entry_t *entry);
typedef void (*eos_seen_fn)(void *context, enum eos_found found,
			    swp_entry_t entry);
void eos_pages_look(struct mm_struct *mm, unsigned long address,
		    unsigned long count, eos_seen_fn seen, void *context);
int eos_page_touched(struct mm_struct *mm, unsigned long address);
int eos_entry_replace(struct vm_area_struct *vma, unsigned long address,
		      swp_entry_t expected, swp_entry_t entry);
unsigned long eos_next_table(struct mm_struct *mm, unsigned long address,
			     unsigned long end);
void eos_page_put(struct page *page);
void eos_flush_tlb(struct mm_struct *mm);
void eos_drain_lru(bool everywhere);
int eos_fault_in(struct vm_area_struct *vma, unsigned long address);
void eos_zap_range(struct vm_area_struct *vma, unsigned long address,
		   unsigned long size);
int eos_protect(unsigned long start, unsigned long length, unsigned long prot);
unsigned long eos_anonymous_pages(struct mm_struct *mm);
unsigned long eos_pages_left(void);
void eos_grow_stack(unsigned long address);
void eos_task_put(struct task_struct *task);

/**
 * eos_kick - have a task pass through the resume hook soon
 * @task: held by the caller
 *
 * A sleeping task is left asleep: it passes when its system call ends.
 */
static inline void eos_kick(struct task_struct *task)
{
	set_tsk_thread_flag(task, TIF_NOTIFY_RESUME);
	kick_process(task);
}

/**
 * struct eos_time - processor time, in nanoseconds
 * @exec:	by the scheduler's clock
 * @user:	of that, in user space; ticks decide
 * @system:	likewise, in the kernel
 */
struct eos_time {
	u64 exec;
	u64 user;
	u64 system;
};

/* kernel/elasticos.c; what the scheduler counts is in kernel/sched. */
void eos_time_read(struct task_struct *task, struct eos_time *time);
void eos_time_add(const struct eos_time *before, const struct eos_time *now);
void account_remote_time(struct task_struct *task,
			 const struct eos_time *before,
			 const struct eos_time *now);

/* Registers that are not in pt_regs; see arch/x86/kernel/elasticos.c. */
size_t eos_cpu_size(void);
u64 eos_cpu_features(void);
int eos_cpu_save(void *state, size_t size);
int eos_cpu_load(const void *state, size_t size);

#ifdef CONFIG_ELASTICOS_2_6_38	/* whose vsyscall page reads clocks itself */
void eos_clock_home(bool on);
#else
/* Calls through the vsyscall page fault, and go home as bad areas do. */
static inline void eos_clock_home(bool on)
{
}
#endif

#else /* !CONFIG_ELASTICOS */

static inline int is_eos_entry(swp_entry_t entry)
{
	return 0;
}

static inline vm_fault_t eos_fault(struct vm_area_struct *vma,
				   unsigned long address, unsigned int flags,
				   swp_entry_t entry)
{
	return 0;
}

static inline vm_fault_t eos_fault_none(struct vm_area_struct *vma,
					unsigned long address,
					unsigned int flags)
{
	return EOS_PASS;
}

static inline void eos_grow(struct mm_struct *mm, unsigned int flags)
{
}

static inline void eos_zapped(struct mm_struct *mm, unsigned long start,
			      unsigned long end)
{
}

static inline void eos_changed(struct vm_area_struct *vma, unsigned long start,
			       unsigned long end)
{
}

/* a macro: sums in its arguments must not become code either */
#define eos_gather(mm, start, end)	0

static inline bool eos_may_reserve(struct mm_struct *mm, unsigned long pages)
{
	return false;
}

static inline int eos_clone(struct mm_struct *mm, unsigned long clone_flags)
{
	return 0;
}

static inline int eos_syscall(struct pt_regs *regs)
{
	return 0;
}

static inline int eos_bad_area(unsigned long address)
{
	return 0;
}

static inline void eos_resume(struct pt_regs *regs)
{
}

static inline void eos_release(struct mm_struct *mm)
{
}

static inline void eos_mm_init(struct mm_struct *mm)
{
}

#endif /* CONFIG_ELASTICOS */

#endif /* _LINUX_ELASTICOS_H */
