// SPDX-License-Identifier: GPL-2.0-only
/*
 * ElasticOS page primitives.
 *
 * The elasticos module moves the pages of a stretched process between
 * machines. Whatever touches a page table for it is here: one function puts a
 * page in, one takes a page out, one looks, one replaces a node's name by
 * another. All take mmap_lock held by the caller (read is enough) and the pte
 * lock themselves; the pte lock nests inside everything the module takes.
 *
 * Behind each export stands its reason: which part of the module calls it, or
 * what else it would call were that exported.
 */

#include <linux/elasticos.h>
#include <linux/elasticos_compat.h>
#include <linux/ksm.h>
#include <linux/memcontrol.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/syscalls.h>
#include <asm/tlb.h>
#include <asm/tlbflush.h>

const struct eos_ops *eos_ops __read_mostly;

static DEFINE_MUTEX(eos_ops_lock);

/**
 * eos_register - make a module the one that serves the hooks
 * @ops: its table; sessions pin @ops->owner, so the hooks need no lock
 *
 * Return: 0, or -EBUSY when there is one already.
 */
int eos_register(const struct eos_ops *ops)
{
	int ret = -EBUSY;

	mutex_lock(&eos_ops_lock);
	if (!eos_ops) {
		eos_ops = ops;
		ret = 0;
	}
	mutex_unlock(&eos_ops_lock);
	return ret;
}
EXPORT_SYMBOL_GPL(eos_register); /* device.c: the module comes */

/**
 * eos_unregister - the module goes; no address space is attached any more
 * @ops: what was registered
 */
void eos_unregister(const struct eos_ops *ops)
{
	mutex_lock(&eos_ops_lock);
	if (!WARN_ON(eos_ops != ops))
		eos_ops = NULL;
	mutex_unlock(&eos_ops_lock);
}
EXPORT_SYMBOL_GPL(eos_unregister); /* device.c: the module goes */

/*
 * Protects: mm->eos against those who report without mmap_lock, such as another
 * process that truncates a file. It nests inside the pte lock.
 */
static DEFINE_SPINLOCK(eos_attach_lock);

/**
 * eos_attach - have the hooks of an address space find a session, or none
 * @mm: address space; mmap_lock held for write
 * @s: the session or NULL; when this returns no report uses the one before
 */
void eos_attach(struct mm_struct *mm, struct eos_session *s)
{
	spin_lock(&eos_attach_lock);
	mm->eos = s;
	spin_unlock(&eos_attach_lock);
}
EXPORT_SYMBOL_GPL(eos_attach); /* session.c: a session begins or ends */

/**
 * eos_report_zapped - entries that named nodes went away
 * @mm: address space
 * @start: page aligned
 * @end: the first address that is not meant
 */
void eos_report_zapped(struct mm_struct *mm, unsigned long start,
		       unsigned long end)
{
	spin_lock(&eos_attach_lock);
	if (mm->eos)
		eos_ops->zapped(mm, start, end);
	spin_unlock(&eos_attach_lock);
}

/**
 * eos_report_changed - what other nodes may have a copy of has changed
 * @vma: mapping without write permission
 * @start: page aligned
 * @end: the first address that is not meant
 */
void eos_report_changed(struct vm_area_struct *vma, unsigned long start,
			unsigned long end)
{
	spin_lock(&eos_attach_lock);
	if (vma->vm_mm->eos)
		eos_ops->changed(vma, start, end);
	spin_unlock(&eos_attach_lock);
}

/**
 * eos_find_reserve - whether other nodes have room for what is reserved
 * @mm: address space
 * @pages: how many more
 */
bool eos_find_reserve(struct mm_struct *mm, unsigned long pages)
{
	bool found = false;

	spin_lock(&eos_attach_lock);
	if (mm->eos)
		found = eos_private_pages(mm) + pages <= eos_ops->reserve(mm);
	spin_unlock(&eos_attach_lock);
	return found;
}

static pmd_t *eos_find_pmd(struct mm_struct *mm, unsigned long address)
{
	pgd_t *pgd = pgd_offset(mm, address);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;

	if (pgd_none(*pgd) || pgd_bad(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, address);
	if (p4d_none(*p4d) || p4d_bad(*p4d))
		return NULL;
	pud = pud_offset(p4d, address);
	if (pud_none(*pud) || pud_bad(*pud))
		return NULL;
	pmd = pmd_offset(pud, address);
	if (pmd_none(*pmd) || pmd_bad(*pmd))
		return NULL;
	return pmd;
}

/* An entry with no name in it stands for an empty page table slot. */
static pte_t eos_make_pte(swp_entry_t entry)
{
	return entry.val ? swp_entry_to_pte(entry) : __pte(0);
}

static bool eos_pte_named(pte_t pte, swp_entry_t *entry)
{
	if (!is_swap_pte(pte))
		return false;
	*entry = pte_to_swp_entry(pte);
	return is_eos_entry(*entry);
}

/* What reclaim or madvise() made of it must not be taken for clean. */
static void eos_judge_clean(struct page *page, pte_t pte)
{
	if (pte_dirty(pte) || PageDirty(page) || PageSwapCache(page) ||
	    !PageSwapBacked(page))
		clear_bit(EOS_PAGE_MARK, &page->flags);
}

/**
 * eos_page_new - a page for eos_page_insert(), charged to its memory group
 * @mm: address space that it is for
 * @gfp: how to allocate it, and to charge
 *
 * Return: the page, to be given back by eos_page_discard(), or NULL.
 */
struct page *eos_page_new(struct mm_struct *mm, gfp_t gfp)
{
	struct page *page = alloc_page(gfp);

	if (page && mem_cgroup_charge(page_folio(page), mm, gfp)) {
		__free_page(page);
		return NULL;
	}
	return page;
}
EXPORT_SYMBOL_GPL(eos_page_new); /* pull.c, push.c: a page will arrive */

/**
 * eos_page_discard - free a page that was not inserted
 * @page: that eos_page_new() gave
 */
void eos_page_discard(struct page *page)
{
	mem_cgroup_uncharge(page_folio(page));
	__free_page(page);
}
EXPORT_SYMBOL_GPL(eos_page_discard); /* pull.c, push.c: it did not arrive */

/**
 * eos_page_room - allocate what inserting pages takes beside the pages
 * @vma: their mapping; mmap_lock held
 * @address: of the first one, page aligned
 * @pages: how many, all within @vma
 *
 * Return: 0, and eos_page_insert() will find memory there; or -ENOMEM.
 */
int eos_page_room(struct vm_area_struct *vma, unsigned long address,
		  unsigned int pages)
{
	unsigned long end = address + pages * PAGE_SIZE;
	spinlock_t *ptl; /* of the page table */
	pte_t *pte;

	if (unlikely(anon_vma_prepare(vma)))
		return -ENOMEM;
	for (; address < end; address = pmd_addr_end(address, end)) {
		pte = get_locked_pte(vma->vm_mm, address, &ptl);
		if (!pte)
			return -ENOMEM;
		pte_unmap_unlock(pte, ptl);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(eos_page_room); /* pull.c: before it asks for pages */

/**
 * eos_page_insert - map a page that came from another node
 * @vma: its mapping; mmap_lock held
 * @address: page aligned
 * @page: from eos_page_new(), up to date; the reference passes on success
 * @flags: EOS_INSERT_
 *
 * The page is mapped dirty, there being no other copy to fall back on, unless
 * one is kept: then it is marked, and the dirty bits tell whether it is still
 * the same when it is taken out again.
 *
 * Return: 0, -ENOMEM, or -EEXIST when a page is there already.
 */
int eos_page_insert(struct vm_area_struct *vma, unsigned long address,
		    struct page *page, unsigned int flags)
{
	struct mm_struct *mm = vma->vm_mm;
	swp_entry_t entry;
	spinlock_t *ptl; /* of the page table */
	pte_t *pte, new;

	if (unlikely(anon_vma_prepare(vma)))
		return -ENOMEM;
	cgroup_throttle_swaprate(page, GFP_KERNEL);
	SetPageUptodate(page);

	pte = get_locked_pte(mm, address, &ptl);
	if (!pte)
		return -ENOMEM;
	if (!pte_none(*pte) && !eos_pte_named(*pte, &entry)) {
		pte_unmap_unlock(pte, ptl);
		return -EEXIST;
	}

	new = mk_pte(page, vma->vm_page_prot);
	if (vma->vm_flags & VM_WRITE)
		new = pte_mkwrite(new);
	if (flags & EOS_INSERT_CLEAN)
		set_bit(EOS_PAGE_MARK, &page->flags);
	else
		new = pte_mkdirty(new);
	new = flags & EOS_INSERT_YOUNG ? pte_mkyoung(new) : pte_mkold(new);
	inc_mm_counter(mm, MM_ANONPAGES);
	page_add_new_anon_rmap(page, vma, address);
	lru_cache_add_inactive_or_unevictable(page, vma);
	set_pte_at(mm, address, pte, new);
	update_mmu_cache(vma, address, pte);
	pte_unmap_unlock(pte, ptl);
	return 0;
}
EXPORT_SYMBOL_GPL(eos_page_insert); /* pull.c, push.c: a page has arrived */

/* References beyond the mappings and the swap cache: somebody uses the page. */
static bool eos_page_pinned(struct page *page)
{
	return page_count(page) != page_mapcount(page) +
				   (PageAnon(page) ? PageSwapCache(page) :
				    1 + page_has_private(page));
}

/* A child that was forked has it too. */
static bool eos_page_shared(struct page *page)
{
	return PageAnon(page) && page_mapcount(page) > 1;
}

/*
 * @spare, when a page is shared, takes its content and is what is found.
 * Otherwise the child, once it alone maps the page, would write to what is
 * about to be sent: 2.6.38 goes by the mappings, whoever has a reference.
 */
static enum eos_found eos_extract_present(struct vm_area_struct *vma,
					  unsigned long address, pte_t *pte,
					  swp_entry_t leave, unsigned int flags,
					  struct page *spare,
					  struct page **found)
{
	struct mm_struct *mm = vma->vm_mm;
	struct page *page = vm_normal_page(vma, address, *pte);
	bool shared;
	pte_t old;

	if (!page) {
		if (!is_zero_pfn(pte_pfn(*pte)) ||
		    (flags & EOS_EXTRACT_CLOCK))
			return EOS_FOUND_BUSY;
		if (vma->vm_flags & VM_WRITE) {
			ptep_clear_flush(vma, address, pte);
			set_pte_at(mm, address, pte, eos_make_pte(leave));
		}
		return EOS_FOUND_ZERO;
	}
	if (flags & EOS_EXTRACT_CLOCK) {
		/* no flush: a stale bit in the TLB costs one more round */
		if (ptep_test_and_clear_young(vma, address, pte))
			return EOS_FOUND_BUSY;
		if (!PageAnon(page) || PageKsm(page) ||
		    page_mapcount(page) != 1)
			return EOS_FOUND_BUSY;
	} else if (!(vma->vm_flags & VM_WRITE)) {
		/* reclaim must not make zeroes of what has been copied */
		if (PageAnon(page) && !PageSwapBacked(page))
			SetPageDirty(page);
		get_page(page);
		*found = page;
		return EOS_FOUND_COPY;
	}
	/* saves the flush for a page that cannot go */
	if (eos_page_pinned(page))
		return EOS_FOUND_BUSY;
	shared = eos_page_shared(page);
	if (shared && !spare)
		return EOS_FOUND_SHARED;
	/*
	 * get_user_pages_fast() takes no lock. Another user of the address
	 * space, say a kernel thread that works on its AIO, may have taken a
	 * reference since. After the flush the count is final. On 2.6.38
	 * get_user_pages_fast() runs with interrupts off, and the flush waits
	 * until each processor that uses the address space has answered its
	 * interrupt. On 6.1 get_user_pages_fast() reads the entry again, and
	 * drops the reference when the entry has changed.
	 */
	old = ptep_clear_flush(vma, address, pte);
	if (eos_page_pinned(page)) {
		set_pte_at(mm, address, pte, old);
		return EOS_FOUND_BUSY;
	}

	eos_judge_clean(page, old);
	set_pte_at(mm, address, pte, eos_make_pte(leave));
	update_hiwater_rss(mm);
	dec_mm_counter(mm, mm_counter(page));
	/* as long as it is mapped here too, the child copies before it writes */
	if (shared)
		copy_highpage(spare, page);
	page_remove_rmap(page, vma, false);
	/* the mapping's reference passes to the caller, or ends */
	*found = shared ? spare : page;
	if (shared)
		eos_page_put(page);
	return EOS_FOUND_PAGE;
}

/* eos_page_extract() with a spare page, or with NULL until one is needed. */
static enum eos_found eos_extract(struct vm_area_struct *vma,
				  unsigned long address, swp_entry_t leave,
				  unsigned int flags, struct page *spare,
				  struct page **page, swp_entry_t *entry)
{
	struct mm_struct *mm = vma->vm_mm;
	enum eos_found found = EOS_FOUND_ABSENT;
	spinlock_t *ptl; /* of the page table */
	pte_t *pte;

	if (flags & EOS_EXTRACT_CLOCK) {
		pmd_t *pmd = eos_find_pmd(mm, address);

		if (!pmd)
			return EOS_FOUND_NONE;
		pte = pte_offset_map_lock(mm, pmd, address, &ptl);
	} else {
		pte = get_locked_pte(mm, address, &ptl);
		if (!pte)
			return EOS_FOUND_ABSENT;
	}

	if (pte_present(*pte)) {
		found = eos_extract_present(vma, address, pte, leave, flags,
					    spare, page);
	} else if (pte_none(*pte)) {
		found = vma->vm_ops ? EOS_FOUND_ABSENT : EOS_FOUND_NONE;
		if (found == EOS_FOUND_NONE && (flags & EOS_EXTRACT_HOME)) {
			if (vma->vm_flags & VM_WRITE)
				set_pte_at(mm, address, pte,
					   eos_make_pte(leave));
			found = EOS_FOUND_ZERO;
		}
	} else if (eos_pte_named(*pte, entry)) {
		found = EOS_FOUND_ENTRY;
	}
	pte_unmap_unlock(pte, ptl);
	return found;
}

/**
 * eos_page_extract - take a page out, or say what is in its place
 * @vma: its mapping; mmap_lock held
 * @address: page aligned
 * @leave: what to put there instead, {0} for nothing
 * @flags: EOS_EXTRACT_
 * @page: the page taken, to be dropped with eos_page_put()
 * @entry: the node's name found
 *
 * What has no write permission is copied and stays, empty entries too. Of the
 * rest a page that a child shares after fork is taken as a copy of its own.
 *
 * Return: what was found.
 */
enum eos_found eos_page_extract(struct vm_area_struct *vma,
				unsigned long address, swp_entry_t leave,
				unsigned int flags, struct page **page,
				swp_entry_t *entry)
{
	enum eos_found found;
	struct page *spare;

	found = eos_extract(vma, address, leave, flags, NULL, page, entry);
	if (found != EOS_FOUND_SHARED)
		return found;
	spare = alloc_page(GFP_HIGHUSER_MOVABLE);
	if (!spare)
		return EOS_FOUND_BUSY;
	found = eos_extract(vma, address, leave, flags, spare, page, entry);
	if (found != EOS_FOUND_PAGE || *page != spare)
		__free_page(spare);
	return found;
}
EXPORT_SYMBOL_GPL(eos_page_extract); /* push.c, remote_page.c: a page leaves */

static enum eos_found eos_pte_look(pte_t pte, swp_entry_t *entry)
{
	if (pte_present(pte))
		return EOS_FOUND_PAGE;
	if (pte_none(pte))
		return EOS_FOUND_NONE;
	return eos_pte_named(pte, entry) ? EOS_FOUND_ENTRY : EOS_FOUND_ABSENT;
}

/**
 * eos_page_look - what is at an address, changing nothing
 * @mm: mmap_lock held
 * @address: page aligned
 * @entry: the node's name found
 *
 * Return: what was found; EOS_FOUND_PAGE for whatever is present.
 */
enum eos_found eos_page_look(struct mm_struct *mm, unsigned long address,
			     swp_entry_t *entry)
{
	pmd_t *pmd = eos_find_pmd(mm, address);
	enum eos_found found;
	spinlock_t *ptl; /* of the page table */
	pte_t *pte;

	if (!pmd)
		return EOS_FOUND_NONE;
	pte = pte_offset_map_lock(mm, pmd, address, &ptl);
	found = eos_pte_look(*pte, entry);
	pte_unmap_unlock(pte, ptl);
	return found;
}
EXPORT_SYMBOL_GPL(eos_page_look); /* pull.c: what to ask for */

/* Returns the address after the last page seen, which is @end */
static unsigned long eos_look_absent(unsigned long address, unsigned long end,
				     eos_seen_fn seen, void *context)
{
	swp_entry_t none = { };

	for (; address < end; address += PAGE_SIZE)
		seen(context, EOS_FOUND_NONE, none);
	return address;
}

/* As eos_look_absent(), for pages of one page table */
static unsigned long eos_look_table(struct mm_struct *mm, pmd_t *pmd,
				    unsigned long address, unsigned long end,
				    eos_seen_fn seen, void *context)
{
	spinlock_t *ptl; /* of the page table */
	pte_t *table = pte_offset_map_lock(mm, pmd, address, &ptl);
	pte_t *pte;

	for (pte = table; address < end; pte++, address += PAGE_SIZE) {
		swp_entry_t entry = { };
		enum eos_found found = eos_pte_look(*pte, &entry);

		seen(context, found, entry);
	}
	pte_unmap_unlock(table, ptl);
	return address;
}

/**
 * eos_pages_look - eos_page_look() for pages in a row, at a fraction of the cost
 * @mm: mmap_lock held
 * @address: of the first one, page aligned
 * @count: how many
 * @seen: told of each, in their order; may not sleep
 * @context: for @seen
 */
void eos_pages_look(struct mm_struct *mm, unsigned long address,
		    unsigned long count, eos_seen_fn seen, void *context)
{
	unsigned long end = address + count * PAGE_SIZE;

	while (address < end) {
		unsigned long next = pmd_addr_end(address, end);
		struct vm_area_struct *vma = find_vma(mm, address);
		/* without a mapping its page table may be going, under this lock */
		pmd_t *pmd = vma && vma->vm_start < next ?
				     eos_find_pmd(mm, address) : NULL;

		if (pmd)
			address = eos_look_table(mm, pmd, address, next, seen,
						 context);
		else
			address = eos_look_absent(address, next, seen, context);
		cond_resched();
	}
}
EXPORT_SYMBOL_GPL(eos_pages_look); /* device.c: where all pages are */

/**
 * eos_page_touched - whether a page was used since it was mapped or last seen
 * @mm: mmap_lock held
 * @address: page aligned
 *
 * Return: 1 or 0, -ENOENT when no page is there.
 */
int eos_page_touched(struct mm_struct *mm, unsigned long address)
{
	pmd_t *pmd = eos_find_pmd(mm, address);
	int ret = -ENOENT;
	spinlock_t *ptl; /* of the page table */
	pte_t *pte;

	if (!pmd)
		return ret;
	pte = pte_offset_map_lock(mm, pmd, address, &ptl);
	if (pte_present(*pte))
		ret = pte_young(*pte) != 0;
	pte_unmap_unlock(pte, ptl);
	return ret;
}
EXPORT_SYMBOL_GPL(eos_page_touched); /* readahead.c, hot.c: what was needed */

/**
 * eos_entry_replace - put one node's name in the place of another
 * @vma: mapping; mmap_lock held
 * @address: page aligned
 * @expected: what is there, {0} for nothing
 * @entry: what shall be there, {0} for nothing
 *
 * Return: 0, -ENOMEM, or -EEXIST when something else is there.
 */
int eos_entry_replace(struct vm_area_struct *vma, unsigned long address,
		      swp_entry_t expected, swp_entry_t entry)
{
	spinlock_t *ptl; /* of the page table */
	pte_t *pte = get_locked_pte(vma->vm_mm, address, &ptl);
	int ret = -EEXIST;

	if (!pte)
		return -ENOMEM;
	if (pte_same(*pte, eos_make_pte(expected))) {
		set_pte_at(vma->vm_mm, address, pte, eos_make_pte(entry));
		ret = 0;
	}
	pte_unmap_unlock(pte, ptl);
	return ret;
}
EXPORT_SYMBOL_GPL(eos_entry_replace); /* pull.c, remote_page.c: a page moved */

/**
 * eos_next_table - skip what has no page table
 * @mm: mmap_lock held
 * @address: page aligned
 * @end: where to stop
 *
 * Return: the first address from @address on that has a page table, or @end.
 */
unsigned long eos_next_table(struct mm_struct *mm, unsigned long address,
			     unsigned long end)
{
	while (address < end && !eos_find_pmd(mm, address)) {
		pgd_t *pgd = pgd_offset(mm, address);
		p4d_t *p4d = p4d_offset(pgd, address);
		unsigned long stop = pgd_addr_end(address, end);

		/* of four levels the p4d is the pgd, and ends where it is told */
		if (pgd_none(*pgd))
			address = stop;
		else if (p4d_none(*p4d))
			address = p4d_addr_end(address, stop);
		else if (pud_none(*pud_offset(p4d, address)))
			address = pud_addr_end(address, stop);
		else
			address = pmd_addr_end(address, stop);
	}
	return address;
}
EXPORT_SYMBOL_GPL(eos_next_table); /* pull.c, push.c: walks skip what is not there */

/**
 * eos_page_put - drop a page from eos_page_extract(), and its swap slot
 * @page: the page
 */
void eos_page_put(struct page *page)
{
	free_page_and_swap_cache(page);
}
EXPORT_SYMBOL_GPL(eos_page_put); /* free_page_and_swap_cache() is not exported */

/**
 * eos_flush_tlb - forget the accessed bits that processors remember
 * @mm: address space
 */
void eos_flush_tlb(struct mm_struct *mm)
{
	flush_tlb_mm(mm);
}
EXPORT_SYMBOL_GPL(eos_flush_tlb); /* flush_tlb_mm() is not exported */

/**
 * eos_drain_lru - give back the references that per-CPU batches hold
 * @everywhere: on every processor, which sleeps
 */
void eos_drain_lru(bool everywhere)
{
	if (everywhere)
		lru_add_drain_all();
	else
		lru_add_drain();
}
EXPORT_SYMBOL_GPL(eos_drain_lru); /* lru_add_drain() is not exported */

/**
 * eos_fault_in - bring a page back from swap or from its file
 * @vma: its mapping; mmap_lock held
 * @address: page aligned
 *
 * Return: 0 or -EFAULT.
 */
int eos_fault_in(struct vm_area_struct *vma, unsigned long address)
{
	vm_fault_t ret = handle_mm_fault(vma, address, 0, NULL);

	return ret & VM_FAULT_ERROR ? -EFAULT : 0;
}
EXPORT_SYMBOL_GPL(eos_fault_in); /* 2.6.38 does not export handle_mm_fault() */

/**
 * eos_zap_range - forget what is mapped in a range
 * @vma: mapping that contains it; mmap_lock held
 * @address: page aligned
 * @size: in bytes
 */
void eos_zap_range(struct vm_area_struct *vma, unsigned long address,
		   unsigned long size)
{
	zap_page_range(vma, address, size);
}
EXPORT_SYMBOL_GPL(eos_zap_range); /* 2.6.38 does not export zap_page_range() */

#ifdef CONFIG_ELASTICOS_2_6_38
#define eos_mprotect	sys_mprotect
#else	/* the kernel cannot call what serves a system call */
static int eos_mprotect(unsigned long start, unsigned long length,
			unsigned long prot)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma, *prev;
	struct mmu_gather tlb;
	unsigned long flags;
	int ret = -ENOMEM;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	vma = find_vma_prev(mm, start, &prev);
	if (vma && vma->vm_start <= start && vma->vm_end >= start + length) {
		if (start > vma->vm_start)
			prev = vma;
		flags = (vma->vm_flags & ~VM_ACCESS_FLAGS) |
			calc_vm_prot_bits(prot, 0);
		tlb_gather_mmu(&tlb, mm);
		ret = mprotect_fixup(&tlb, vma, &prev, start, start + length,
				     flags);
		tlb_finish_mmu(&tlb);
	}
	mmap_write_unlock(mm);
	return ret;
}
#endif

/**
 * eos_protect - mprotect for current, within one mapping
 * @start: page aligned
 * @length: in bytes
 * @prot: PROT_
 *
 * Return: 0 or -errno.
 */
int eos_protect(unsigned long start, unsigned long length, unsigned long prot)
{
	return eos_mprotect(start, length, prot);
}
EXPORT_SYMBOL_GPL(eos_protect); /* mprotect_fixup() is not exported */

/**
 * eos_anonymous_pages - what the resident budget counts
 * @mm: address space
 */
unsigned long eos_anonymous_pages(struct mm_struct *mm)
{
	return get_mm_counter(mm, MM_ANONPAGES);
}
EXPORT_SYMBOL_GPL(eos_anonymous_pages); /* 2.6.38 does not export get_mm_counter() */

#ifdef CONFIG_ELASTICOS_2_6_38	/* which makes no estimate: one to be safe with */
static long eos_pages_available(void)
{
	unsigned long cache = global_page_state(NR_ACTIVE_FILE) +
			      global_page_state(NR_INACTIVE_FILE);

	return global_page_state(NR_FREE_PAGES) + cache / 2 -
	       totalreserve_pages;
}

#define get_nr_swap_pages()	nr_swap_pages
#else
#define eos_pages_available()	si_mem_available()
#endif

/**
 * eos_pages_left - how many pages can be allocated before something is killed
 *
 * Return: an estimate, swap included.
 */
unsigned long eos_pages_left(void)
{
	return max(eos_pages_available(), 0L) + max(get_nr_swap_pages(), 0L);
}
EXPORT_SYMBOL_GPL(eos_pages_left); /* pull.c: 2.6.38 exports none of these */

#ifdef CONFIG_ELASTICOS_2_6_38	/* where mmap_lock for read would do */
#define expand_stack_locked(vma, address)	expand_stack(vma, address)
#endif

/**
 * eos_grow_stack - have the stack of current reach down to an address
 * @address: not mapped, below the stack; page aligned
 *
 * What limits the stack may forbid it: then it is left as it is.
 */
void eos_grow_stack(unsigned long address)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	mmap_write_lock(mm);
	vma = find_vma(mm, address);
	if (vma && vma->vm_start > address && (vma->vm_flags & VM_GROWSDOWN))
		expand_stack_locked(vma, address);
	mmap_write_unlock(mm);
}
EXPORT_SYMBOL_GPL(eos_grow_stack); /* jump.c: nothing that grows it is exported */

/**
 * eos_task_put - drop a reference that get_task_struct() took
 * @task: the task
 */
void eos_task_put(struct task_struct *task)
{
	put_task_struct(task);
}
EXPORT_SYMBOL_GPL(eos_task_put); /* 2.6.38 does not export __put_task_struct() */
