/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One source for 2.6.38 and 6.1: the newer kernel's names, given to the older.
 */
#ifndef _ELASTICOS_COMPAT_H
#define _ELASTICOS_COMPAT_H

#include <linux/mman.h>
#include <linux/version.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/net.h>
#include <net/sock.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(3, 0, 0)

#define mmap_read_lock(mm)	down_read(&(mm)->mmap_sem)
#define mmap_read_unlock(mm)	up_read(&(mm)->mmap_sem)
#define mmap_write_lock(mm)	down_write(&(mm)->mmap_sem)
#define mmap_write_unlock(mm)	up_write(&(mm)->mmap_sem)

#define eos_for_each_vma(mm, vma) \
	for ((vma) = (mm)->mmap; (vma); (vma) = (vma)->vm_next)

/* sk_data_ready had a length that nobody reads */
#define EOS_DATA_READY(name)		void name(struct sock *sk, int bytes)
#define EOS_PASS_READY(function, sk)	((function)(sk, 0))
typedef void (*eos_data_ready_fn)(struct sock *sk, int bytes);

#define eos_free_pages()	global_page_state(NR_FREE_PAGES)

static inline unsigned long eos_mmap(unsigned long start, unsigned long length,
				     unsigned long prot)
{
	return do_mmap(NULL, start, length, prot, MAP_PRIVATE | MAP_ANONYMOUS |
		       MAP_FIXED | MAP_NORESERVE, 0);
}

static inline int eos_munmap(struct mm_struct *mm, unsigned long start,
			     unsigned long length)
{
	return do_munmap(mm, start, length);
}

static inline u64 eos_now(void)
{
	return ktime_to_ns(ktime_get());
}

/*
 * Under lockdep a kernel-held socket needs a class of its own: a user's socket
 * is locked around page faults, ours inside them. Socket lock held.
 */
static inline void eos_reclassify_socket(struct sock *sk)
{
#ifdef CONFIG_DEBUG_LOCK_ALLOC
	static struct lock_class_key key;

	release_sock(sk);
	lockdep_init_map(&sk->sk_lock.dep_map, "sk_lock-elasticos", &key, 0);
	lock_sock(sk);
#endif
}

#else
#error "this kernel line is not supported yet"
#endif

#endif
