// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sessions: from stretch to contract, and the hook in which everything but
 * faults happens. See session.h for the lock order.
 */

#include <linux/crc32.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <asm/processor.h>

#include "session.h"

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
	if (!s->cpu || !s->readahead) {
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
	spin_lock_init(&s->zap_lock);
	get_task_struct(task);
	s->task = task;
	s->mm = mm;
	s->self = self;
	s->jump_to = -1;
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
	vfree(s->vmas_told.list);
	vfree(s->vmas_now.list);
	vfree(s->readahead);
	kfree(s->zapped);
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
 * @s: session; its reference passes to the address space, which pins the module
 *
 * Return: 0, or -EBUSY when the address space has one.
 */
int eos_session_attach(struct eos_session *s)
{
	int ret = -EBUSY;

	__module_get(THIS_MODULE);
	mutex_lock(&eos_sessions_lock);
	mmap_write_lock(s->mm);
	if (!s->mm->eos) {
		s->mm->eos = s;
		list_add_tail(&s->list, &eos_sessions);
		ret = 0;
	}
	mmap_write_unlock(s->mm);
	mutex_unlock(&eos_sessions_lock);
	if (ret)
		module_put(THIS_MODULE);
	return ret;
}

static void eos_request_finish(struct eos_session *s, int result)
{
	struct eos_request *request;

	spin_lock(&s->request_lock);
	request = s->request;
	s->request = NULL;
	spin_unlock(&s->request_lock);
	if (!request)
		return;
	request->result = result;
	complete(&request->done);
}

static struct eos_request *eos_request_take(struct eos_session *s)
{
	struct eos_request *request;

	spin_lock(&s->request_lock);
	request = s->request;
	if (request)
		request->taken = true;
	spin_unlock(&s->request_lock);
	return request;
}

/**
 * eos_session_ask - have the task of a session do something
 * @s: session; the caller has a reference
 * @request: what; its result is filled in
 * @timeout_ms: until the task begins
 *
 * Return: the task's answer, -EBUSY, -ETIMEDOUT, -EINTR or -ESRCH.
 */
int eos_session_ask(struct eos_session *s, struct eos_request *request,
		    unsigned int timeout_ms)
{
	long left;
	int ret = 0;

	init_completion(&request->done);
	spin_lock(&s->request_lock);
	if (s->request)
		ret = -EBUSY;
	else if (!s->mm)
		ret = -ESRCH;
	else
		s->request = request;
	spin_unlock(&s->request_lock);
	if (ret)
		return ret;

	eos_kick(s->task);
	wake_up_all(&s->wait);
	left = wait_for_completion_interruptible_timeout(&request->done,
				msecs_to_jiffies(timeout_ms));
	if (left > 0)
		return request->result;

	spin_lock(&s->request_lock);
	if (s->request == request && !request->taken) {
		s->request = NULL;
		ret = left ? -EINTR : -ETIMEDOUT;
	}
	spin_unlock(&s->request_lock);
	if (!ret) {
		wait_for_completion(&request->done);
		ret = request->result;
	}
	return ret;
}

static void eos_die(struct eos_session *s)
{
	s->state = EOS_DEAD;
	send_sig(SIGKILL, s->task, 1);
	wake_up_all(&s->wait);
}

/**
 * eos_fail - end the process on this node, for a reason that is logged
 * @s: session
 * @format: the reason
 */
void eos_fail(struct eos_session *s, const char *format, ...)
{
	va_list args;

	if (s->state == EOS_DEAD)
		return;
	va_start(args, format);
	vsnprintf(s->reason, sizeof(s->reason), format, args);
	va_end(args);
	pr_err("elasticos: %s %d killed: %s\n",
	       eos_is_home(s) ? "process" : "shell", task_pid_nr(s->task),
	       s->reason);
	eos_die(s);
}

/**
 * eos_finish - end a shell whose process has left, which is no failure
 * @s: session of the shell
 */
void eos_finish(struct eos_session *s)
{
	if (s->state == EOS_DEAD)
		return;
	snprintf(s->reason, sizeof(s->reason), "the process left");
	eos_die(s);
}

/**
 * eos_session_request_jump - leave at the next return to user space
 * @s: session, running; @s->task is current
 * @node: where to
 * @forced: by need, not by choice
 */
void eos_session_request_jump(struct eos_session *s, unsigned int node,
			      bool forced)
{
	s->jump_to = node;
	s->jump_forced = forced;
	s->pace.decided = eos_now();
	set_thread_flag(TIF_NOTIFY_RESUME);
}

static void eos_tell_all(struct eos_session *s, enum eos_message type,
			 void *body, size_t length)
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

	s->state = EOS_DEAD;
	if (eos_is_home(s))
		eos_tell_all(s, EOS_EXIT, NULL, 0);
	else
		eos_clock_home(false);
	for (node = 0; node < EOS_NODES; node++) {
		if (s->links[node])
			eos_link_destroy(s->links[node]);
		s->links[node] = NULL;
	}
	eos_request_finish(s, -ESRCH);
	wake_up_all(&s->wait);
	eos_counters_retire(s);
	eos_session_put(s);
}

/* No hook finds the session any more. The caller holds eos_sessions_lock. */
static void eos_session_detach(struct eos_session *s)
{
	struct mm_struct *mm = s->mm;

	/* the OOM reaper zaps without being a user of the address space */
	mmap_write_lock(mm);
	list_del_init(&s->list);
	spin_lock(&s->request_lock);
	s->mm = NULL;
	spin_unlock(&s->request_lock);
	mm->eos = NULL;
	mmap_write_unlock(mm);
}

/*
 * The process becomes another program: what has not begun goes along, for a
 * hold is for the process. The session is detached from the address space that
 * goes, and the caller holds eos_sessions_lock.
 */
static bool eos_session_follow(struct eos_session *s)
{
	struct mm_struct *mm = current->mm;

	if (s->state != EOS_NEW || s->task != current || !mm || mm->eos)
		return false;
	/* for the one that comes; the hook's caller drops the other's */
	__module_get(THIS_MODULE);
	mmap_write_lock(mm);
	mm->eos = s;
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
 * eos_session_unwant - no request will follow
 * @s: session that eos_home_session() gave
 */
void eos_session_unwant(struct eos_session *s)
{
	mutex_lock(&eos_sessions_lock);
	s->wanted--;
	mutex_unlock(&eos_sessions_lock);
	/* the hook ends a session that has nothing left to do */
	eos_kick(s->task);
}

static bool eos_idle(struct eos_session *s)
{
	return s->state == EOS_NEW && !s->request && !s->patience_ms;
}

/*
 * At the budget, and nobody to push to: wait for a node, as long as there is
 * patience left. Returns whether there is something to do.
 */
static bool eos_hold(struct eos_session *s)
{
	u32 patience = s->patience_ms;
	long left;

	if (!patience || !eos_over_budget(s))
		return false;
	left = wait_event_interruptible_timeout(s->wait, s->request ||
				s->patience_ms != patience,
				msecs_to_jiffies(patience));
	if (left < 0)
		return false;
	cmpxchg(&s->patience_ms, patience, jiffies_to_msecs(left));
	return true;
}

/*
 * Home alone again: nobody else has a page. The caller's hook returns non-zero,
 * so that the module's reference is dropped outside the module.
 */
static int eos_session_leave(struct eos_session *s)
{
	eos_trap_syscalls(false);
	mutex_lock(&eos_sessions_lock);
	eos_session_detach(s);
	mutex_unlock(&eos_sessions_lock);
	eos_session_bury(s);
	return 1;
}

/* The same for a session that has not begun, unless it is about to. */
static int eos_session_leave_idle(struct eos_session *s)
{
	bool leave;

	mutex_lock(&eos_sessions_lock);
	leave = !s->wanted && eos_idle(s);
	if (leave)
		eos_session_detach(s);
	mutex_unlock(&eos_sessions_lock);
	if (leave)
		eos_session_bury(s);
	return leave;
}

static u32 eos_cpu_id(void)
{
	struct cpuinfo_x86 *cpu = &boot_cpu_data;
	u32 id = crc32_le(~0, (u8 *)cpu->x86_vendor_id,
			  sizeof(cpu->x86_vendor_id));

	/* ifunc choices hang on the features; the model does not matter */
	return crc32_le(id, (u8 *)cpu->x86_capability,
			sizeof(cpu->x86_capability[0]) * 2);
}

static void eos_hello_fill(struct eos_session *s, struct eos_wire_hello *hello,
			   unsigned int to)
{
	memset(hello, 0, sizeof(*hello));
	hello->page_size = cpu_to_le32(PAGE_SIZE);
	hello->cpu_size = cpu_to_le32(eos_cpu_size());
	hello->cpu_features = cpu_to_le64(eos_cpu_features());
	hello->cpu_id = cpu_to_le32(eos_cpu_id());
	hello->from = s->self;
	hello->to = to;
	hello->lease_ds = cpu_to_le16(s->lease_ms / 100);
}

/* Home's list of mappings follows, or the answer to home's SYNC behind that. */
static int eos_hello_send(struct eos_session *s, struct eos_link *link)
{
	struct eos_wire_hello hello;
	struct kvec body[2] = { { }, { &hello, sizeof(hello) } };

	eos_hello_fill(s, &hello, link->node);
	return eos_send_ahead(link, EOS_HELLO, body, 2, sizeof(hello));
}

/* The two machines must be alike in all that registers and pages show. */
static int eos_hello_check(struct eos_session *s, struct eos_link *link)
{
	struct eos_wire_hello ours, theirs;
	int ret;

	ret = eos_receive(link, &theirs, sizeof(theirs));
	if (ret)
		return ret;
	eos_hello_fill(s, &ours, link->node);
	if (theirs.from != ours.to || theirs.to != ours.from)
		return -EBADSLT;
	if (theirs.page_size != ours.page_size ||
	    theirs.cpu_size != ours.cpu_size ||
	    theirs.cpu_features != ours.cpu_features ||
	    theirs.cpu_id != ours.cpu_id ||
	    eos_cpu_size() > EOS_CPU_MAX)
		return -EMEDIUMTYPE;
	return 0;
}

/*
 * Join a node: all that it has to hear first goes at once, in one round trip.
 * mmap_sem and the mutex are held. When it fails the link is the caller's again.
 */
static int eos_greet(struct eos_session *s, struct eos_link *link)
{
	struct eos_header header;
	struct kvec body[1];
	int ret;

	s->links[link->node] = link;
	ret = eos_hello_send(s, link);
	if (!ret)
		ret = eos_mmap_flush(s);
	if (!ret)
		ret = eos_send(link, EOS_SYNC, body, 1, 0);
	if (!ret)
		ret = eos_await(link, EOS_HELLO, &header);
	if (!ret)
		ret = eos_hello_check(s, link);
	/* its room is known from here on */
	if (!ret)
		ret = eos_await(link, EOS_SYNCED, &header);
	if (ret)
		s->links[link->node] = NULL;
	return ret;
}

/* A process that others can look into or that is not 64-bit is left alone. */
static int eos_stretchable(struct eos_session *s)
{
	if (!thread_group_empty(current))
		return -EBUSY;
	if (current->ptrace || eos_task_32bit())
		return -EINVAL;
	return 0;
}

static void eos_apply_policy(struct eos_session *s,
			     const struct eos_policy *policy)
{
	s->policy = *policy;
	eos_policy_reset(s);
	eos_trap_syscalls(policy->mode == EOS_MODE_MIGRATE);
}

static int eos_stretch(struct eos_session *s, struct eos_request *request)
{
	struct mm_struct *mm = current->mm;
	struct eos_link *link = request->link;
	u64 started = eos_now();
	int ret;

	ret = eos_stretchable(s);
	if (ret)
		return ret;
	if (s->links[link->node])
		return -EBUSY;
	mmap_read_lock(mm);
	mutex_lock(&s->mutex);
	ret = eos_greet(s, link);
	if (!ret) {
		request->link = NULL;
		s->state = EOS_RUNNING;
		s->budget = request->budget;
		s->patience_ms = request->patience_ms;
	}
	mutex_unlock(&s->mutex);
	mmap_read_unlock(mm);
	if (ret)
		return ret;
	eos_histogram_add(&s->counters.stretch, eos_now() - started);
	eos_apply_policy(s, &request->policy);
	s->evict_wanted = eos_over_budget(s);
	if (s->policy.mode == EOS_MODE_MIGRATE &&
	    s->policy.target == link->node) {
		ret = eos_push_everything(s, link->node);
		s->jump_to = link->node;
		s->jump_forced = true;
	}
	return ret;
}

static int eos_gather_all(struct eos_session *s)
{
	struct mm_struct *mm = s->mm;
	int ret;

	mmap_read_lock(mm);
	ret = eos_pull_gather(mm, 0, TASK_SIZE_MAX);
	mmap_read_unlock(mm);
	return ret;
}

static int eos_contract(struct eos_session *s)
{
	u32 budget = s->budget;
	int ret;

	s->budget = 0;
	ret = eos_gather_all(s);
	if (ret)
		s->budget = budget;
	return ret;
}

/*
 * Do what the device asked for. Returns non-zero if the session ended.
 */
static int eos_serve_request(struct eos_session *s)
{
	struct eos_request *request = eos_request_take(s);
	int result = -EINVAL, ended = 0;
	unsigned int node;

	if (!request)
		return 0;
	switch (request->kind) {
	case EOS_REQUEST_STRETCH:
		result = eos_stretch(s, request);
		break;
	case EOS_REQUEST_CONTRACT:
		result = eos_contract(s);
		ended = !result;
		break;
	case EOS_REQUEST_POLICY:
		eos_apply_policy(s, &request->policy);
		if (request->budget != ~0U)
			s->budget = request->budget;
		s->evict_wanted = eos_over_budget(s);
		result = 0;
		break;
	case EOS_REQUEST_JOIN:
		node = request->link->node;
		result = s->links[node] ? -EBUSY : 0;
		if (!result) {
			s->links[node] = request->link;
			request->link = NULL;
		}
		break;
	case EOS_REQUEST_NONE:
		break;
	}
	if (ended) {
		spin_lock(&s->request_lock);
		s->request = NULL;
		spin_unlock(&s->request_lock);
		eos_session_leave(s);
		request->result = result;
		complete(&request->done);
		return 1;
	}
	eos_request_finish(s, result);
	return 0;
}

static int eos_serve(struct eos_session *s, struct eos_link *link,
		     struct pt_regs *regs)
{
	struct eos_wire_recall recall;
	struct eos_header header;
	struct kvec body[1];
	size_t length;
	int ret;

	ret = eos_receive_header(link, &header);
	if (ret)
		return ret;
	length = le32_to_cpu(header.length);
	switch (header.type) {
	case EOS_PULL:
		return eos_pull_serve(s, link);
	case EOS_PUSH:
		return eos_push_receive(s, link, length);
	case EOS_META:
		return eos_mmap_receive(s, link, length);
	case EOS_DISCARD:
		return eos_mmap_receive_discard(s, link, length);
	case EOS_JUMP:
		return eos_jump_receive(s, link, length, regs);
	case EOS_SYNC:
		eos_kept_drop(s, 0, TASK_SIZE_MAX);
		return eos_send(link, EOS_SYNCED, body, 1, 0);
	case EOS_RECALL:
		ret = eos_receive(link, &recall, sizeof(recall));
		if (!ret && link->node == EOS_HOME)
			s->recalled = le64_to_cpu(recall.away);
		return ret;
	case EOS_EXIT:
		if (link->node == EOS_HOME) {
			eos_finish(s);
			return -ESHUTDOWN;
		}
		break;
	default:
		break;
	}
	eos_link_lost(link, -EPROTO);
	return -EPROTO;
}

static struct eos_link *eos_readable(struct eos_session *s)
{
	unsigned int node;

	for (node = 0; node < EOS_NODES; node++) {
		struct eos_link *link = s->links[node];

		if (link && link->up && eos_link_readable(link))
			return link;
	}
	return NULL;
}

static void eos_recall(struct eos_session *s)
{
	struct eos_wire_recall recall = { .away = cpu_to_le64(s->away) };

	s->counters.recalls++;
	eos_tell_all(s, EOS_RECALL, &recall, sizeof(recall));
}

/* A node is lost, and whether it had the registers is not known yet. */
static void eos_await_registers(struct eos_session *s)
{
	long left = s->lost_by - jiffies;
	DEFINE_WAIT(wait);

	if (left <= 0) {
		eos_fail(s, "node %u is lost, and the registers with it",
			 s->lost);
		return;
	}
	prepare_to_wait(&s->wait, &wait, TASK_KILLABLE);
	if (!eos_readable(s) && !fatal_signal_pending(current))
		schedule_timeout(left);
	finish_wait(&s->wait, &wait);
}

/* Serve the node that runs the process, until it sends the execution here. */
static void eos_park(struct eos_session *s, struct pt_regs *regs)
{
	bool home = eos_is_home(s), recalled = false;
	u64 left = eos_now();

	s->recall_wanted = false;
	s->lost = 0;
	while (s->state == EOS_PARKED) {
		struct eos_link *link = eos_readable(s);

		if (fatal_signal_pending(current))
			return;
		if (link) {
			int ret = eos_serve(s, link, regs);

			if (ret && s->state == EOS_PARKED && link->up)
				eos_fail(s, "cannot serve node %u (%d)",
					 link->node, ret);
			continue;
		}
		if (!home && s->request) {
			eos_serve_request(s);
			continue;
		}
		if (home && !recalled &&
		    (signal_pending(current) || s->request ||
		     s->recall_wanted)) {
			recalled = true;
			eos_recall(s);
			continue;
		}
		if (s->lost) {
			eos_await_registers(s);
			continue;
		}
		/* no signal but SIGKILL ends a wait that nothing follows from */
		if (recalled || signal_pending(current))
			wait_event_killable(s->wait, eos_readable(s) ||
					    s->state != EOS_PARKED ||
					    (!home && s->request));
		else
			wait_event_interruptible(s->wait, eos_readable(s) ||
						 s->state != EOS_PARKED ||
						 s->request ||
						 s->recall_wanted);
	}
	eos_histogram_add(&s->counters.away, eos_now() - left);
}

/* A shell's first passage: forget the manager's program, meet home. */
static void eos_shell_start(struct eos_session *s)
{
	struct eos_link *home = s->links[EOS_HOME];
	struct eos_header header;
	int ret;

	s->adopting = false;
	ret = eos_mmap_clear();
	/* other shells may be joined before home says anything */
	while (!ret && !eos_link_readable(home)) {
		if (s->request)
			eos_serve_request(s);
		else
			ret = wait_event_interruptible(s->wait, s->request ||
						eos_link_readable(home));
	}
	if (!ret)
		ret = eos_receive_header(home, &header);
	if (!ret && header.type != EOS_HELLO)
		ret = -EPROTO;
	if (!ret)
		ret = eos_hello_check(s, home);
	if (!ret || ret == -EMEDIUMTYPE) {
		/* home judges by our answer, so send it in any case */
		int sent = eos_hello_send(s, home);

		ret = ret ? ret : sent;
	}
	if (ret)
		eos_fail(s, "no greeting from home (%d)", ret);
	else
		s->state = EOS_PARKED;
}

/* While running: home may say RECALL or EXIT, a stream may break. */
static void eos_poll(struct eos_session *s, struct pt_regs *regs)
{
	struct eos_wire_recall recall;
	struct eos_header header;
	struct eos_link *link;

	mutex_lock(&s->mutex);
	while (s->state == EOS_RUNNING && (link = eos_readable(s))) {
		if (eos_receive_header(link, &header))
			continue;
		if (header.type == EOS_EXIT && link->node == EOS_HOME) {
			eos_finish(s);
		} else if (header.type == EOS_RECALL &&
			   link->node == EOS_HOME) {
			if (!eos_receive(link, &recall, sizeof(recall)))
				s->recalled = le64_to_cpu(recall.away);
		} else {
			eos_link_lost(link, -EPROTO);
		}
	}
	mutex_unlock(&s->mutex);
}

/* Where to go now, or -1 to stay. */
static int eos_destination(struct eos_session *s)
{
	int node = s->jump_to;

	s->jump_to = -1;
	if (eos_is_home(s))
		return signal_pending(current) ? -1 : node;
	if (s->recalled && s->recalled == s->away) {
		s->jump_forced = true;
		return EOS_HOME;
	}
	return node;
}

/*
 * eos_ops.resume: current is about to return to user space and holds nothing.
 */
int eos_session_resume(struct pt_regs *regs)
{
	struct eos_session *s = current->mm->eos;
	int node;

	if (current != s->task)
		return 0;
	clear_thread_flag(TIF_NOTIFY_RESUME);
	if (s->adopting)
		eos_shell_start(s);
	while (s->state != EOS_DEAD && !fatal_signal_pending(current)) {
		if (s->state == EOS_PARKED) {
			eos_park(s, regs);
			continue;
		}
		if (!eos_is_home(s) && !eos_syscall_traps(s))
			break;
		if (s->request && eos_serve_request(s))
			return 1;
		if (s->leave_wanted && !eos_contract(s))
			return eos_session_leave(s);
		if (eos_idle(s))
			return eos_session_leave_idle(s);
		if (s->state == EOS_NEW) {
			if (eos_hold(s))
				continue;
			break;
		}
		eos_poll(s, regs);
		if (s->state != EOS_RUNNING)
			continue;
		if (s->evict_wanted && eos_push(s) == -ENOSPC && eos_hold(s))
			continue;
		node = eos_destination(s);
		if (node < 0 || s->state != EOS_RUNNING)
			break;
		if (!eos_jump(s, node, regs))
			continue;
		if (eos_is_home(s))
			break;
		/* home may be able to help */
		if (node != EOS_HOME)
			eos_session_request_jump(s, EOS_HOME, true);
		else
			eos_fail(s, "cannot jump home");
	}
	return 0;
}

/*
 * eos_ops.clone: the child of a fork gets a whole address space; a thread
 * means the end of being stretched; a vfork child just borrows.
 */
int eos_session_clone(struct mm_struct *mm, unsigned long clone_flags)
{
	struct eos_session *s = mm->eos;

	if (current != s->task)
		return 0;
	if ((clone_flags & CLONE_VM) && (clone_flags & CLONE_VFORK))
		return 0;
	if (clone_flags & CLONE_VM) {
		s->leave_wanted = true;
		set_thread_flag(TIF_NOTIFY_RESUME);
	}
	return eos_gather_all(s) ? -ENOMEM : 0;
}
