/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ElasticOS: the names of 6.1 for 2.6.38.
 *
 * Only the sources of ElasticOS include this, in the kernel and in the module:
 * some names are those of functions that 2.6.38 has with other parameters.
 * CONFIG_ELASTICOS_2_6_38 is set by that kernel's mm/Kconfig.
 */
#ifndef _LINUX_ELASTICOS_COMPAT_H
#define _LINUX_ELASTICOS_COMPAT_H

#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/posix-timers.h>
#include <linux/rmap.h>
#include <linux/sched.h>

#ifdef CONFIG_ELASTICOS_2_6_38

#define mmap_read_lock(mm)	down_read(&(mm)->mmap_sem)
#define mmap_read_unlock(mm)	up_read(&(mm)->mmap_sem)
#define mmap_write_lock(mm)	down_write(&(mm)->mmap_sem)
#define mmap_write_unlock(mm)	up_write(&(mm)->mmap_sem)

/* Page tables have four levels: a p4d is the pgd above it. */
#define p4d_t			pgd_t
#define p4d_offset(pgd, addr)	(pgd)
#define p4d_none(p4d)		0
#define p4d_bad(p4d)		0
#define p4d_addr_end(addr, end)	(end)

#define is_zero_pfn(pfn)	((pfn) == page_to_pfn(ZERO_PAGE(0)))

/* Pages of shared memory are counted with those of files. */
static inline int mm_counter(struct page *page)
{
	return PageAnon(page) ? MM_ANONPAGES : MM_FILEPAGES;
}

/* Memory groups charge pages; there are no folios. */
#define page_folio(page)	(page)
#define mem_cgroup_charge(page, mm, gfp) \
	mem_cgroup_newpage_charge(page, mm, gfp)
#define mem_cgroup_uncharge(page)	mem_cgroup_uncharge_page(page)

static inline void cgroup_throttle_swaprate(struct page *page, gfp_t gfp)
{
}

/* page_add_new_anon_rmap() puts the page on its list. */
static inline void
lru_cache_add_inactive_or_unevictable(struct page *page,
				      struct vm_area_struct *vma)
{
}

/* The mapping is not needed: it matters where it is locked in memory. */
#define page_remove_rmap(page, vma, compound)	page_remove_rmap(page)

/* The address space is asked for, and accounting is the caller's. */
static inline int eos_handle_mm_fault(struct vm_area_struct *vma,
				      unsigned long address, unsigned int flags)
{
	return handle_mm_fault(vma->vm_mm, vma, address, flags);
}

#define handle_mm_fault(vma, address, flags, regs) \
	eos_handle_mm_fault(vma, address, flags)

#define zap_page_range(vma, address, size) \
	zap_page_range(vma, address, size, NULL)

/* What is mapped privately and may be written to, as a bound. */
static inline unsigned long eos_private_pages(const struct mm_struct *mm)
{
	return mm->total_vm - mm->shared_vm;
}

/* In nanoseconds; the task counts ticks. */
static inline void task_cputime(struct task_struct *task, u64 *user,
				u64 *system)
{
	*user = (u64)cputime_to_jiffies(task->utime) * (NSEC_PER_SEC / HZ);
	*system = (u64)cputime_to_jiffies(task->stime) * (NSEC_PER_SEC / HZ);
}

#define run_posix_cpu_timers()	run_posix_cpu_timers(current)

static inline bool task_work_pending(struct task_struct *task)
{
	return false;
}

static inline void task_work_run(void)
{
}

#else /* 6.1: what 2.6.38 has in linux/sched.h */

#include <linux/sched/cputime.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

static inline unsigned long eos_private_pages(const struct mm_struct *mm)
{
	return mm->data_vm;
}

#endif

#endif /* _LINUX_ELASTICOS_COMPAT_H */
