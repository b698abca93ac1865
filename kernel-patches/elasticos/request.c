// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device asks of a process. The device waits; the task itself does
 * it, in its resume hook.
 */

#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/sched.h>

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

void eos_request_finish(struct eos_session *s, int result)
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

static void eos_apply_policy(struct eos_session *s,
			     const struct eos_policy *policy)
{
	s->policy = *policy;
	eos_policy_reset(s);
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

int eos_gather_all(struct eos_session *s)
{
	struct mm_struct *mm = s->mm;
	int ret;

	mmap_read_lock(mm);
	ret = eos_pull_gather(mm, 0, TASK_SIZE_MAX);
	mmap_read_unlock(mm);
	return ret;
}

int eos_contract(struct eos_session *s)
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
int eos_serve_request(struct eos_session *s)
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
