// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a session: made, attached to an address space, followed through
 * exec, ended. See session.h for the locks and their order.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "session.h"

/* Protects: eos_sessions, and what struct eos_session says. The outermost. */
DEFINE_MUTEX(eos_sessions_lock);
LIST_HEAD(eos_sessions);

/**
 * eos_session_create - a session that nobody knows yet
 * @mm: address space, alive
 * @task: its only task
 * @self: number of this node
 *
 * Return: the session or NULL.
 */
struct eos_session *eos_session_create(struct mm_struct *mm,
				       struct task_struct *task,
				       unsigned int self)
{
	struct eos_session *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return NULL;
	s->cpu = kzalloc(EOS_CPU_MAX, GFP_KERNEL);
	s->readahead = eos_readahead_create();
	if (!s->cpu || !s->readahead || eos_mmap_init(s)) {
		kfree(s->cpu);
		vfree(s->readahead);
		kfree(s);
		return NULL;
	}
	kref_init(&s->kref);
	INIT_LIST_HEAD(&s->list);
	mutex_init(&s->mutex);
	init_waitqueue_head(&s->wait);
	spin_lock_init(&s->request_lock);
	spin_lock_init(&s->show_lock);
	spin_lock_init(&s->zap_lock);
	get_task_struct(task);
	s->task = task;
	s->mm = mm;
	s->self = self;
	s->jump_to = -1;
	eos_jump_prepare(s);
	eos_lease_init(s);
	eos_keep_init(&s->keep);
	eos_policy_reset(s);
	return s;
}

static void eos_session_free(struct kref *kref)
{
	struct eos_session *s = container_of(kref, struct eos_session, kref);

	eos_kept_drop(s, 0, TASK_SIZE_MAX);
	eos_keepers_forget(s);
	eos_task_put(s->task);
	eos_mmap_free(s);
	vfree(s->readahead);
	vfree(s->files_now.list);
	vfree(s->files_told.list);
	kfree(s->cpu);
	kfree(s);
}

void eos_session_get(struct eos_session *s)
{
	kref_get(&s->kref);
}

void eos_session_put(struct eos_session *s)
{
	kref_put(&s->kref, eos_session_free);
}

/**
 * eos_session_attach - have the hooks see a session
 * @s: session; its reference passes to the address space, which pins the module.
 *	The caller has another, or is the task; and keeps the address space.
 *
 * Return: 0, or -EBUSY when the address space has one.
 */
int eos_session_attach(struct eos_session *s)
{
	struct mm_struct *mm = s->mm;
	bool attached;

	__module_get(THIS_MODULE);
	/* one process that is busy with its mappings must not hold up all */
	mmap_write_lock(mm);
	attached = !mm->eos;
	if (attached)
		eos_attach(mm, s);
	mmap_write_unlock(mm);
	if (!attached) {
		module_put(THIS_MODULE);
		return -EBUSY;
	}
	mutex_lock(&eos_sessions_lock);
	/* it may have ended meanwhile */
	if (s->mm)
		list_add_tail(&s->list, &eos_sessions);
	mutex_unlock(&eos_sessions_lock);
	return 0;
}

static void __printf(2, 0) eos_set_reason_args(struct eos_session *s,
					       const char *format, va_list args)
{
	spin_lock(&s->show_lock);
	vsnprintf(s->reason, sizeof(s->reason), format, args);
	spin_unlock(&s->show_lock);
}

/**
 * eos_set_reason - note what happened to the process, for /proc/elasticos
 * @s: session; the streams are the caller's
 * @format: the reason
 */
void eos_set_reason(struct eos_session *s, const char *format, ...)
{
	va_list args;

	eos_assert_streams(s);
	va_start(args, format);
	eos_set_reason_args(s, format, args);
	va_end(args);
}

/**
 * eos_get_reason - what happened to the process last
 * @s: session
 * @reason: EOS_REASON_BYTES for it; empty when nothing has
 */
void eos_get_reason(struct eos_session *s, char *reason)
{
	spin_lock(&s->show_lock);
	memcpy(reason, s->reason, EOS_REASON_BYTES);
	spin_unlock(&s->show_lock);
}

static void eos_die(struct eos_session *s)
{
	eos_assert_streams(s);
	eos_set_state(s, EOS_DEAD);
	send_sig(SIGKILL, s->task, 1);
	wake_up_all(&s->wait);
}

/**
 * eos_fail - end the process on this node, for a reason that is logged
 * @s: session; the streams are the caller's
 * @format: the reason
 */
void eos_fail(struct eos_session *s, const char *format, ...)
{
	va_list args;

	if (eos_state(s) == EOS_DEAD)
		return;
	va_start(args, format);
	eos_set_reason_args(s, format, args);
	va_end(args);
	pr_err("%s %d killed: %s\n", eos_is_home(s) ? "process" : "shell",
	       task_pid_nr(s->task), s->reason);
	eos_die(s);
}

/**
 * eos_accuse - end the process at home, for a reason that is logged
 * @s: session at home
 * @format: the reason
 *
 * By SIGBUS, which also recalls the execution. It may be called by others than
 * the task.
 */
void eos_accuse(struct eos_session *s, const char *format, ...)
{
	va_list args;

	if (eos_state(s) == EOS_DEAD)
		return;
	va_start(args, format);
	eos_set_reason_args(s, format, args);
	va_end(args);
	pr_err("process %d: %s\n", task_pid_nr(s->task), s->reason);
	send_sig(SIGBUS, s->task, 1);
}

/**
 * eos_finish - end a shell whose process has left, which is no failure
 * @s: session of the shell; the streams are the caller's
 */
void eos_finish(struct eos_session *s)
{
	if (eos_state(s) == EOS_DEAD)
		return;
	eos_set_reason(s, "the process left");
	eos_die(s);
}

/**
 * eos_set_link - have a connection found, or not any more
 * @s: session of current; the mutex is held, or no hook can reach it
 * @node: at the other end
 * @link: the connection, or NULL and the old one may be freed
 */
void eos_set_link(struct eos_session *s, unsigned int node,
		  struct eos_link *link)
{
	spin_lock(&s->show_lock);
	s->links[node] = link;
	spin_unlock(&s->show_lock);
}

/**
 * eos_tell_all - send a message to all nodes
 * @s: session; the streams are the caller's
 * @type: of the message
 * @body: of it
 * @length: of @body
 */
void eos_tell_all(struct eos_session *s, enum eos_message type, void *body,
		  size_t length)
{
	unsigned int node;

	for (node = 0; node < EOS_NODES; node++) {
		struct kvec parts[2] = { { }, { body, length } };

		if (s->links[node] && s->links[node]->up)
			eos_send(s->links[node], type, parts,
				 length ? 2 : 1, length);
	}
}

/* The last steps of a session that no hook can reach any more. */
static void eos_session_bury(struct eos_session *s)
{
	unsigned int node;

	eos_lease_end(s);
	eos_set_state(s, EOS_DEAD);
	if (eos_is_home(s))
		eos_tell_all(s, EOS_EXIT, NULL, 0);
	else
		eos_clock_home(false);
	for (node = 0; node < EOS_NODES; node++) {
		struct eos_link *link = s->links[node];

		eos_set_link(s, node, NULL);
		if (link)
			eos_link_destroy(link);
	}
	eos_request_finish(s, -ESRCH);
	wake_up_all(&s->wait);
	eos_counters_retire(s);
	eos_session_put(s);
}

/* No hook finds the session any more. */
static void eos_session_detach(struct eos_session *s)
	__must_hold(&eos_sessions_lock)
{
	struct mm_struct *mm = s->mm;

	lockdep_assert_held(&eos_sessions_lock);
	/* the OOM reaper zaps without being a user of the address space */
	mmap_write_lock(mm);
	list_del_init(&s->list);
	spin_lock(&s->request_lock);
	s->mm = NULL;
	spin_unlock(&s->request_lock);
	eos_attach(mm, NULL);
	mmap_write_unlock(mm);
}

/*
 * The process becomes another program: what has not begun goes along, for a
 * hold is for the process. The session is detached from the address space that
 * goes.
 */
static bool eos_session_follow(struct eos_session *s)
	__must_hold(&eos_sessions_lock)
{
	struct mm_struct *mm = current->mm;

	lockdep_assert_held(&eos_sessions_lock);
	if (eos_state(s) != EOS_NEW || s->task != current || !mm || mm->eos)
		return false;
	/* for the one that comes; the hook's caller drops the other's */
	__module_get(THIS_MODULE);
	mmap_write_lock(mm);
	eos_attach(mm, s);
	spin_lock(&s->request_lock);
	s->mm = mm;
	spin_unlock(&s->request_lock);
	list_add_tail(&s->list, &eos_sessions);
	mmap_write_unlock(mm);
	return true;
}

/* eos_ops.release: the last user of the address space has gone. */
void eos_session_release(struct mm_struct *mm)
{
	struct eos_session *s = mm->eos;
	bool follows;

	mutex_lock(&eos_sessions_lock);
	eos_session_detach(s);
	follows = eos_session_follow(s);
	mutex_unlock(&eos_sessions_lock);
	if (!follows)
		eos_session_bury(s);
}

/**
 * eos_idle - whether a session has not begun and has nothing to wait for
 * @s: session
 */
bool eos_idle(const struct eos_session *s)
{
	return eos_state(s) == EOS_NEW && !READ_ONCE(s->request) &&
	       !READ_ONCE(s->patience_ms);
}

/**
 * eos_session_leave - end the session of current: nobody else has a page
 * @s: session at home
 *
 * Return: 1, which the caller's hook returns as well, so that the module's
 * reference is dropped outside the module.
 */
int eos_session_leave(struct eos_session *s)
{
	eos_assert_task(s);
	eos_trap_syscalls(false);
	mutex_lock(&eos_sessions_lock);
	eos_session_detach(s);
	mutex_unlock(&eos_sessions_lock);
	eos_session_bury(s);
	return 1;
}

/**
 * eos_session_leave_idle - end an idle session, unless it is about to begin
 * @s: session of current
 *
 * Return: as eos_session_leave(), or 0 and it stays.
 */
int eos_session_leave_idle(struct eos_session *s)
{
	bool leave;

	eos_assert_task(s);
	mutex_lock(&eos_sessions_lock);
	leave = !s->wanted && eos_idle(s);
	if (leave)
		eos_session_detach(s);
	mutex_unlock(&eos_sessions_lock);
	if (leave)
		eos_session_bury(s);
	return leave;
}

/* eos_ops.reserve: as the manager has said. */
unsigned long eos_session_reserve(struct mm_struct *mm)
{
	return READ_ONCE(mm->eos->reserve);
}

/*
 * eos_ops.clone: the child of a fork gets a whole address space; a thread
 * means the end of being stretched; a vfork child just borrows. The one that
 * forks may be such a child, for as long as the process waits for it.
 */
int eos_session_clone(struct mm_struct *mm, unsigned long clone_flags)
{
	struct eos_session *s;
	int ret = 0;

	if ((clone_flags & CLONE_VM) && (clone_flags & CLONE_VFORK))
		return 0;
	mmap_read_lock(mm);
	s = mm->eos;
	if (s)
		ret = eos_pull_gather(mm, 0, TASK_SIZE_MAX);
	if (s && !ret && (clone_flags & CLONE_VM)) {
		WRITE_ONCE(s->leave_wanted, true);
		eos_kick(s->task);
	}
	mmap_read_unlock(mm);
	return ret ? -ENOMEM : 0;
}
