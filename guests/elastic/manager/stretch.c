// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "deadline.h"
#include "kernel.h"
#include "machine.h"
#include "stretch.h"

static struct endpoint shell_port(const struct manager *manager, int peer)
{
	return (struct endpoint){
		.address = manager->peers[peer].host.address,
		.port = manager->settings.shell_port,
	};
}

static int ask_status(const struct manager *manager, int peer,
		      struct message_status *status)
{
	struct frame frame = { .type = MESSAGE_ASK };
	struct talk talk;
	int ret;

	ret = talk_dial(&talk, shell_port(manager, peer),
			&manager->settings.key, now_ms() + TALK_MS);
	if (ret)
		return ret;
	ret = talk_send(&talk, &frame);
	if (!ret)
		ret = talk_receive(&talk, &frame);
	if (!ret)
		ret = status_unpack(&frame, status);
	talk_close(&talk);
	return ret;
}

/**
 * survey - ask every other node for its memory and its processes
 * @channel: to the manager
 * @argument: struct task, of which the manager is used
 */
void survey(struct worker_channel *channel, void *argument)
{
	const struct task *task = argument;
	const struct manager *manager = task->manager;

	for (int peer = 0; peer < manager->peer_count; peer++) {
		struct report report = { .type = REPORT_SURVEYED,
					 .peer = peer };

		if (manager->peers[peer].self)
			continue;
		report.error = -ask_status(manager, peer, &report.health);
		worker_report(channel, &report);
	}
	worker_result(channel, 0, "all asked");
}

static void list_members(const struct task *task, struct message_adopt *adopt)
{
	for (uint32_t node = 1; node < EOS_NODES; node++) {
		int peer = task->process.peer[node];
		struct member *member = &adopt->member[adopt->members];

		if (peer < 0)
			continue;
		member->node = node;
		member->at.address = task->manager->peers[peer].host.address;
		member->at.port = task->manager->settings.page_port;
		adopt->members++;
	}
}

static uint32_t free_node(const struct process *process)
{
	for (uint32_t node = 1; node < EOS_NODES; node++)
		if (process->peer[node] < 0)
			return node;
	return 0;
}

/* Asks a node to adopt; the talk keeps the connection, for the kernel. */
static int ask_adopt(const struct task *task, int peer,
		     const struct message_adopt *adopt, struct talk *talk,
		     struct message_done *done)
{
	struct frame frame;
	int ret;

	ret = talk_dial(talk, shell_port(task->manager, peer),
			&task->manager->settings.key, now_ms() + TALK_MS);
	if (ret)
		return ret;
	adopt_pack(adopt, &frame);
	ret = talk_send(talk, &frame);
	/* it joins other nodes before it answers */
	talk->deadline = now_ms() + 2 * TALK_MS;
	if (!ret)
		ret = talk_receive(talk, &frame);
	if (!ret)
		ret = done_unpack(&frame, done);
	if (!ret)
		ret = -done->error;
	if (ret)
		talk_close(talk);
	return ret;
}

/* Whether the testbed has nodes that the process is not on. */
static bool more_nodes(const struct task *task, uint32_t node)
{
	int members = 1;

	for (uint32_t other = 1; other < EOS_NODES; other++)
		members += other == node || task->process.peer[other] >= 0;
	return members < EOS_NODES && members < task->manager->peer_count;
}

static int hand_to_kernel(const struct task *task, uint32_t node,
			  const struct talk *talk)
{
	const struct process *process = &task->process;
	bool migrates = process->wish.mode == EOS_MODE_MIGRATE;
	struct eos_stretch stretch = {
		.born = process->start,
		.pid = process->pid,
		.node = node,
		.fd = talk->fd,
		.timeout_ms = KERNEL_MS,
		.budget = migrates ? 0 : own_budget(process),
		.lease_ms = task->manager->settings.lease_ms,
		.policy = policy_of(process),
		.keys = talk_keys(talk, task->manager->settings.sealed),
	};

	if (!process->wish.manual && more_nodes(task, node))
		stretch.patience_ms = PATIENCE_MS;
	return kernel_stretch(&stretch);
}

static int stretch_to(struct task *task, int peer, struct report *report)
{
	bool migrates = task->process.wish.mode == EOS_MODE_MIGRATE;
	struct message_adopt adopt = {
		.cookie = task->process.cookie,
		.node = free_node(&task->process),
		.budget = migrates ? BUDGET_NONE : BUDGET_ANY,
		.lease_ms = task->manager->settings.lease_ms,
		.sealed = task->manager->settings.sealed,
	};
	struct message_done done = { 0 };
	struct talk talk;
	int ret;

	if (!adopt.node)
		return -E2BIG;
	list_members(task, &adopt);
	ret = ask_adopt(task, peer, &adopt, &talk, &done);
	if (ret)
		return ret;
	ret = hand_to_kernel(task, adopt.node, &talk);
	talk_close(&talk);
	if (ret)
		return ret;
	task->process.peer[adopt.node] = peer;
	report->node = adopt.node;
	report->pages = done.budget;
	report->shell = done.pid;
	return 0;
}

/* The kernel would refuse it, but a shell would have begun by then. */
static bool has_threads(pid_t pid)
{
	struct process_look look;

	return !process_look(pid, &look) && look.threads > 1;
}

/**
 * stretch - stretch a process to some nodes, one after the other
 * @channel: to the manager
 * @argument: struct task
 *
 * Each node that it was stretched to is reported. It stops at the first that
 * fails.
 */
void stretch(struct worker_channel *channel, void *argument)
{
	struct task *task = argument;
	const char *name = "?";
	int ret = has_threads(task->process.pid) ? -EBUSY : 0;

	for (int i = 0; i < task->count && !ret; i++) {
		int peer = task->peers[i];
		struct report report = { .type = REPORT_STRETCHED,
					 .peer = peer };

		name = task->manager->peers[peer].host.name;
		ret = stretch_to(task, peer, &report);
		if (!ret)
			worker_report(channel, &report);
	}
	worker_result(channel, -ret, "stretch %d to %s: %s",
		      (int)task->process.pid, name,
		      ret ? kernel_complaint(-ret) : "done");
}

void contract(struct worker_channel *channel, void *argument)
{
	const struct task *task = argument;
	int ret = kernel_contract(task->process.pid, task->process.start,
				  KERNEL_MS);

	worker_result(channel, -ret, "contract %d: %s", (int)task->process.pid,
		      ret ? kernel_complaint(-ret) : "done");
}

void set_policy(struct worker_channel *channel, void *argument)
{
	const struct task *task = argument;
	const struct process *process = &task->process;
	struct eos_policy policy = policy_of(process);
	int ret = kernel_set_policy(process->pid, process->start,
				    own_budget(process), &policy);

	worker_result(channel, -ret, "policy of %d: %s", (int)process->pid,
		      ret ? kernel_complaint(-ret) : "done");
}
