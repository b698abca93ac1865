/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One source for 2.6.38 and 6.1: what differs between them for the module.
 * Where a newer name can be given to the older kernel, it is; the rest has a
 * wrapper. What the core in the kernel needs too is in elasticos_compat.h.
 */
#ifndef _ELASTICOS_COMPAT_H
#define _ELASTICOS_COMPAT_H

#include <crypto/aead.h>
#include <linux/elasticos.h>
#include <linux/elasticos_compat.h>
#include <linux/mman.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/net.h>
#include <linux/proc_fs.h>
#include <linux/scatterlist.h>
#include <linux/thread_info.h>
#include <linux/vmstat.h>
#include <net/sock.h>

#define EOS_MMAP_FLAGS \
	(MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE)

#ifdef CONFIG_ELASTICOS_2_6_38

/* Fail rather than have something killed, after one look for memory. */
#define __GFP_RETRY_MAYFAIL	__GFP_NORETRY

#define READ_ONCE(x)		ACCESS_ONCE(x)
#define WRITE_ONCE(x, value)	(ACCESS_ONCE(x) = (value))

/* A barrier for the compiler will do: x86 keeps loads in order. */
#define smp_load_acquire(pointer) \
({ \
	typeof(pointer) eos_pointer = (pointer); \
	typeof(*eos_pointer) eos_loaded = ACCESS_ONCE(*eos_pointer); \
	barrier(); \
	eos_loaded; \
})

/* A barrier for the compiler will do: x86 keeps stores in order. */
#define smp_store_release(pointer, value) \
do { \
	barrier(); \
	ACCESS_ONCE(*(pointer)) = (value); \
} while (0)

#ifdef __CHECKER__
#define __must_hold(lock)	__attribute__((context(lock, 1, 1)))
#else
#define __must_hold(lock)
#endif

/* A core is written without it: nobody else is left. */
static inline void eos_assert_mmap_locked(struct mm_struct *mm)
{
	if (!mm->core_state)
		lockdep_assert_held(&mm->mmap_sem);
}

/* A fault that may be tried again may sleep, and is tried again once. */
#define FAULT_FLAG_RETRY_NOWAIT		0
#define FAULT_FLAG_TRIED		0

/* Whether somebody waits for mmap_lock, which the caller has for read. */
static inline bool eos_mmap_contended(struct mm_struct *mm)
{
	return !list_empty(&mm->mmap_sem.wait_list);
}

/* A walk over all mappings in their order. */
struct eos_walk {
	struct vm_area_struct *next;
};

static inline void eos_walk_begin(struct eos_walk *walk, struct mm_struct *mm)
{
	walk->next = mm->mmap;
}

/* The next mapping, or NULL. */
static inline struct vm_area_struct *eos_walk_next(struct eos_walk *walk)
{
	struct vm_area_struct *vma = walk->next;

	walk->next = vma ? vma->vm_next : NULL;
	return vma;
}

#define proc_ops	file_operations
#define proc_open	open
#define proc_read	read
#define proc_write	write
#define proc_lseek	llseek
#define proc_release	release

/* sk_data_ready had a length that nobody reads */
#define EOS_DATA_READY(name)		void name(struct sock *sk, int bytes)
#define EOS_PASS_READY(function, sk)	((function)(sk, 0))
typedef void (*eos_data_ready_fn)(struct sock *sk, int bytes);

/* Both with sk->sk_callback_lock held. */
static inline void *eos_user_data(const struct sock *sk)
{
	return sk->sk_user_data;
}

static inline void eos_set_user_data(struct sock *sk, void *data)
{
	sk->sk_user_data = data;
}

/* Whether the other end will send no more; a bit field, hence no READ_ONCE(). */
static inline bool eos_receive_shut(const struct sock *sk)
{
	return sk->sk_shutdown & RCV_SHUTDOWN;
}

#define skb_queue_empty_lockless(queue)	skb_queue_empty(queue)

/* The compiler may not leave it out. */
static inline void memzero_explicit(void *at, size_t size)
{
	memset(at, 0, size);
	asm volatile("" : : "r" (at) : "memory");
}

/* Here what is authenticated and not encrypted is in a list of its own. */
static inline void eos_aead_set(struct aead_request *request,
				struct scatterlist list[2], void *at,
				unsigned int size, unsigned int length,
				unsigned int tag, bool decrypt, u8 *nonce)
{
	sg_init_one(&list[0], at, size);
	sg_init_one(&list[1], at + size, length + tag);
	aead_request_set_assoc(request, &list[0], size);
	aead_request_set_crypt(request, &list[1], &list[1],
			       decrypt ? length + tag : length, nonce);
}

/* No probe of the kernel's replaces instructions of a program. */
static inline bool eos_probed(const struct mm_struct *mm)
{
	return false;
}

#define eos_inode_of(file)	((file)->f_path.dentry->d_inode)

/* In nanoseconds: when an inode last changed, and what a change would say. */
#define eos_change_time(inode)	timespec_to_ns(&(inode)->i_ctime)

static inline s64 eos_change_now(void)
{
	struct timespec now = current_kernel_time();

	return timespec_to_ns(&now);
}

#define eos_free_pages()	global_page_state(NR_FREE_PAGES)
#define eos_force_signal(sig)	force_sig(sig, current)

static inline unsigned long eos_mmap(unsigned long start, unsigned long length,
				     unsigned long prot)
{
	unsigned long got;

	down_write(&current->mm->mmap_sem);
	got = do_mmap(NULL, start, length, prot, EOS_MMAP_FLAGS, 0);
	up_write(&current->mm->mmap_sem);
	return got;
}

static inline int eos_munmap(unsigned long start, unsigned long length)
{
	struct mm_struct *mm = current->mm;
	int ret;

	down_write(&mm->mmap_sem);
	ret = do_munmap(mm, start, length);
	up_write(&mm->mmap_sem);
	return ret;
}

static inline int eos_setsockopt(struct socket *sock, int level, int name,
				 int value)
{
	return kernel_setsockopt(sock, level, name, (char *)&value,
				 sizeof(value));
}

/* A fault within a send must not touch what that send is filling. */
static inline void eos_keep_fragments(struct sock *sk)
{
}

/* Where the arguments are has no lock: exec alone says it. */
static inline void eos_lock_arguments(struct mm_struct *mm)
{
}

static inline void eos_unlock_arguments(struct mm_struct *mm)
{
}

static inline bool eos_task_32bit(void)
{
	return test_thread_flag(TIF_IA32);
}

static inline u64 eos_start_ns(const struct task_struct *task)
{
	return timespec_to_ns(&task->real_start_time);
}

/* Whether system calls of current pass through eos_ops.syscall. */
static inline void eos_trap_syscalls(bool on)
{
	if (on)
		set_thread_flag(TIF_ELASTICOS);
	else
		clear_thread_flag(TIF_ELASTICOS);
}

static inline void rseq_execve(struct task_struct *task)
{
}

/* what was received has moved the parts on */
#define eos_parts_received(parts, bytes)	((void)0)

/* No work is told like a signal. */
static inline bool eos_clear_notify_signal(void)
{
	return false;
}

static inline void eos_set_notify_signal(void)
{
}

#else /* 6.1 */

#define eos_parts_received(parts, bytes)	eos_parts_advance(parts, bytes)

/* Returns whether it was set. */
static inline bool eos_clear_notify_signal(void)
{
	return test_and_clear_thread_flag(TIF_NOTIFY_SIGNAL);
}

static inline void eos_set_notify_signal(void)
{
	set_thread_flag(TIF_NOTIFY_SIGNAL);
}

#include <linux/maple_tree.h>
#include <linux/sched/task_stack.h>
#include <linux/sockptr.h>
#include <linux/time_namespace.h>

/* A walk over all mappings in their order. */
struct eos_walk {
	struct ma_state state;
};

static inline void eos_walk_begin(struct eos_walk *walk, struct mm_struct *mm)
{
	walk->state = (struct ma_state) {
		.tree = &mm->mm_mt,
		.node = MAS_START,
	};
}

/* The next mapping, or NULL. */
static inline struct vm_area_struct *eos_walk_next(struct eos_walk *walk)
{
	return mas_find(&walk->state, ULONG_MAX);
}

/* mmap_assert_locked() reports by dump_mm(), which no module can call. */
#define eos_assert_mmap_locked(mm)	lockdep_assert_held(&(mm)->mmap_lock)

#define eos_mmap_contended(mm)		mmap_lock_is_contended(mm)

#define EOS_DATA_READY(name)		void name(struct sock *sk)
#define EOS_PASS_READY(function, sk)	((function)(sk))
typedef void (*eos_data_ready_fn)(struct sock *sk);

/* Both with sk->sk_callback_lock held. */
static inline void *eos_user_data(const struct sock *sk)
{
	return __locked_read_sk_user_data_with_flags(sk, 0);
}

static inline void eos_set_user_data(struct sock *sk, void *data)
{
	rcu_assign_sk_user_data(sk, data);
}

static inline bool eos_receive_shut(const struct sock *sk)
{
	return READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN;
}

/* Whether a uprobe has replaced an instruction, which traps at home only. */
static inline bool eos_probed(const struct mm_struct *mm)
{
	return test_bit(MMF_HAS_UPROBES, &mm->flags);
}

#define eos_inode_of(file)	file_inode(file)

/* In nanoseconds: when an inode last changed, and what a change would say. */
#define eos_change_time(inode)	timespec64_to_ns(&(inode)->i_ctime)

static inline s64 eos_change_now(void)
{
	struct timespec64 now;

	ktime_get_coarse_real_ts64(&now);
	return timespec64_to_ns(&now);
}

#define eos_free_pages()	global_zone_page_state(NR_FREE_PAGES)
#define eos_force_signal(sig)	force_sig(sig)

#define VSYSCALL_START		VSYSCALL_ADDR

/*
 * Have a request encrypt or decrypt in place: @size bytes that are only
 * authenticated, @length of content, @tag bytes behind it.
 */
static inline void eos_aead_set(struct aead_request *request,
				struct scatterlist list[2], void *at,
				unsigned int size, unsigned int length,
				unsigned int tag, bool decrypt, u8 *nonce)
{
	sg_init_one(&list[0], at, size + length + tag);
	aead_request_set_ad(request, size);
	aead_request_set_crypt(request, list, list,
			       decrypt ? length + tag : length, nonce);
}

static inline unsigned long eos_mmap(unsigned long start, unsigned long length,
				     unsigned long prot)
{
	return vm_mmap(NULL, start, length, prot, EOS_MMAP_FLAGS, 0);
}

static inline int eos_munmap(unsigned long start, unsigned long length)
{
	return vm_munmap(start, length);
}

static inline int eos_setsockopt(struct socket *sock, int level, int name,
				 int value)
{
	sockptr_t option = KERNEL_SOCKPTR(&value);

	if (level == SOL_SOCKET)
		return sock_setsockopt(sock, level, name, option,
				       sizeof(value));
	return sock->ops->setsockopt(sock, level, name, option, sizeof(value));
}

/*
 * Sockets share a page of current between their sends. A fault within one of
 * them, while it copies from the process, must not send from the same page.
 */
static inline void eos_keep_fragments(struct sock *sk)
{
	sk->sk_use_task_frag = false;
}

#define eos_lock_arguments(mm)		spin_lock(&(mm)->arg_lock)
#define eos_unlock_arguments(mm)	spin_unlock(&(mm)->arg_lock)

static inline bool eos_task_32bit(void)
{
	return test_thread_flag(TIF_ADDR32);
}

/* As current sees it, who may have a time namespace of its own. */
static inline u64 eos_start_ns(const struct task_struct *task)
{
	return timens_add_boottime_ns(task->start_boottime);
}

static inline void eos_trap_syscalls(bool on)
{
	if (on)
		set_syscall_work(ELASTICOS);
	else
		clear_syscall_work(ELASTICOS);
}

#endif

/* What has been sent or received of a message's parts is done. */
static inline void eos_parts_advance(struct kvec *parts, size_t bytes)
{
	for (; bytes; parts++) {
		size_t step = min(bytes, parts->iov_len);

		parts->iov_base += step;
		parts->iov_len -= step;
		bytes -= step;
	}
}

/*
 * Everybody may read a command line, and where that was the memory of somebody
 * else's process will be.
 */
static inline void eos_forget_arguments(struct mm_struct *mm)
{
	eos_lock_arguments(mm);
	mm->arg_start = 0;
	mm->arg_end = 0;
	mm->env_start = 0;
	mm->env_end = 0;
	eos_unlock_arguments(mm);
}

/* Addresses that current gave the kernel and that mean nothing any more. */
static inline void eos_forget_addresses(void)
{
	current->set_child_tid = NULL;
	current->clear_child_tid = NULL;
#ifdef CONFIG_FUTEX
	current->robust_list = NULL;
#endif
	rseq_execve(current);
	eos_forget_arguments(current->mm);
}

static inline u64 eos_now(void)
{
	return ktime_to_ns(ktime_get());
}

/*
 * Under lockdep a kernel-held socket needs a class of its own: a user's socket
 * is locked around page faults, ours inside them. Nobody holds its lock.
 */
static inline void eos_reclassify_socket(struct sock *sk)
{
#ifdef CONFIG_DEBUG_LOCK_ALLOC
	static struct lock_class_key key;

	lockdep_init_map(&sk->sk_lock.dep_map, "sk_lock-elasticos", &key, 0);
#endif
}

#endif
