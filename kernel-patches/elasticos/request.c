// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device asks of a process. The device waits; the task itself does
 * it, in its resume hook. See session.h for the locks.
 */

#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/sched.h>

#include "elasticos_trace.h"
#include "session.h"

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
		WRITE_ONCE(s->request, request);
	spin_unlock(&s->request_lock);
	if (ret)
		return ret;

	eos_kick(s->task);
	wake_up_all(&s->wait);
	left = msecs_to_jiffies(timeout_ms);
	left = wait_for_completion_interruptible_timeout(&request->done, left);
	if (left > 0)
		return request->result;

	spin_lock(&s->request_lock);
	if (s->request == request && !request->taken) {
		WRITE_ONCE(s->request, NULL);
		ret = left ? -EINTR : -ETIMEDOUT;
	}
	spin_unlock(&s->request_lock);
	if (!ret) {
		wait_for_completion(&request->done);
		ret = request->result;
	}
	return ret;
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
 * eos_request_finish - answer what the device asked for
 * @s: session of current, or one that no hook can reach any more
 * @result: 0 or -errno
 */
void eos_request_finish(struct eos_session *s, int result)
{
	struct eos_request *request;

	spin_lock(&s->request_lock);
	request = s->request;
	WRITE_ONCE(s->request, NULL);
	spin_unlock(&s->request_lock);
	if (!request)
		return;
	request->result = result;
	complete(&request->done);
}

static void eos_apply_policy(struct eos_session *s,
			     const struct eos_policy *policy)
{
	mutex_lock(&s->mutex);
	s->policy = *policy;
	eos_policy_reset(s);
	mutex_unlock(&s->mutex);
	eos_trap_syscalls(policy->mode == EOS_MODE_MIGRATE);
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

static int eos_stretch_to(struct eos_session *s, struct eos_request *request)
{
	struct mm_struct *mm = current->mm;
	struct eos_link *link = request->link;
	u64 started = eos_now();
	int ret;

	eos_assert_task(s);
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
		spin_lock(&s->request_lock);
		eos_set_state(s, EOS_RUNNING);
		WRITE_ONCE(s->budget, request->budget);
		WRITE_ONCE(s->patience_ms, request->patience_ms);
		spin_unlock(&s->request_lock);
	}
	mutex_unlock(&s->mutex);
	mmap_read_unlock(mm);
	if (ret)
		return ret;
	eos_histogram_add(&s->counters.stretch, eos_now() - started);
	eos_apply_policy(s, &request->policy);
	WRITE_ONCE(s->evict_wanted, eos_over_budget(s));
	if (s->policy.mode == EOS_MODE_MIGRATE &&
	    s->policy.target == link->node) {
		ret = eos_push_everything(s, link->node);
		s->jump_to = link->node;
		s->jump_forced = true;
	}
	return ret;
}

static int eos_stretch(struct eos_session *s, struct eos_request *request)
{
	/* the link is the session's when it has succeeded */
	unsigned int node = request->link->node;
	u64 started = eos_now();
	int ret;

	ret = eos_stretch_to(s, request);
	trace_eos_stretch(s, node, ret, eos_now() - started);
	return ret;
}

static void eos_set_budget(struct eos_session *s, u32 budget)
{
	spin_lock(&s->request_lock);
	WRITE_ONCE(s->budget, budget);
	spin_unlock(&s->request_lock);
}

/**
 * eos_gather_all - bring all pages of the process home
 * @s: session of current
 *
 * Return: 0 or -errno.
 */
int eos_gather_all(struct eos_session *s)
{
	struct mm_struct *mm = s->mm;
	int ret;

	mmap_read_lock(mm);
	ret = eos_pull_gather(mm, 0, TASK_SIZE_MAX);
	mmap_read_unlock(mm);
	return ret;
}

/**
 * eos_contract - bring all pages of the process home, to stay there
 * @s: session of current
 *
 * Return: 0 or -errno, and then the budget is what it was.
 */
int eos_contract(struct eos_session *s)
{
	u64 started = eos_now(), before = s->counters.gathered_pages;
	u32 budget = READ_ONCE(s->budget);
	int ret;

	eos_set_budget(s, 0);
	ret = eos_gather_all(s);
	if (ret)
		eos_set_budget(s, budget);
	trace_eos_contract(s, s->counters.gathered_pages - before, ret,
			   eos_now() - started);
	return ret;
}

/* A node may be joined while the process runs here, so with the mutex. */
static int eos_join(struct eos_session *s, struct eos_request *request)
{
	unsigned int node = request->link->node;
	int ret = -EBUSY;

	mutex_lock(&s->mutex);
	if (!s->links[node]) {
		eos_set_link(s, node, request->link);
		request->link = NULL;
		ret = 0;
	}
	mutex_unlock(&s->mutex);
	return ret;
}

/**
 * eos_serve_request - do what the device asked for
 * @s: session of current
 *
 * Return: non-zero if the session ended.
 */
int eos_serve_request(struct eos_session *s)
{
	struct eos_request *request = eos_request_take(s);
	int result = -EINVAL, ended = 0;

	eos_assert_task(s);
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
			eos_set_budget(s, request->budget);
		WRITE_ONCE(s->evict_wanted, eos_over_budget(s));
		result = 0;
		break;
	case EOS_REQUEST_JOIN:
		result = eos_join(s, request);
		break;
	case EOS_REQUEST_NONE:
		break;
	}
	if (ended) {
		spin_lock(&s->request_lock);
		WRITE_ONCE(s->request, NULL);
		spin_unlock(&s->request_lock);
		eos_session_leave(s);
		request->result = result;
		complete(&request->done);
		return 1;
	}
	eos_request_finish(s, result);
	return 0;
}
