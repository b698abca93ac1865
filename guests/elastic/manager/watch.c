// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "children.h"
#include "deadline.h"
#include "decide.h"
#include "kernel.h"
#include "machine.h"
#include "page.h"
#include "sessions.h"
#include "stretch.h"
#include "tell.h"
#include "watch.h"

#define SESSIONS_MOST (PROCESSES_MOST + WORKERS_MOST)

/* Until the next try when no node, or no further node, has room. */
#define PAUSE_MS      100
#define MORE_PAUSE_MS 2000

/* Between two looks at a process with threads; they may end. */
#define THREADS_PAUSE_MS 200

static struct worker *begin(struct manager *manager, struct process *process,
			    enum work work, struct task *task,
			    void (*body)(struct worker_channel *, void *))
{
	struct worker *worker;

	task->manager = manager;
	if (process)
		task->process = *process;
	worker = worker_begin(manager, work, body, task);
	if (worker && process) {
		worker->process = process;
		process->busy = true;
	}
	return worker;
}

struct worker *begin_survey(struct manager *manager)
{
	struct task task = { 0 };

	return begin(manager, NULL, WORK_SURVEY, &task, survey);
}

struct worker *begin_contract(struct manager *manager, struct process *process)
{
	struct task task = { 0 };

	return begin(manager, process, WORK_CONTRACT, &task, contract);
}

struct worker *begin_policy(struct manager *manager, struct process *process)
{
	struct task task = { 0 };

	return begin(manager, process, WORK_POLICY, &task, set_policy);
}

static bool is_member(const struct process *process, int peer)
{
	for (int node = 1; node < EOS_NODES; node++)
		if (process->peer[node] == peer)
			return true;
	return false;
}

static bool is_listed(const struct task *task, int peer)
{
	for (int i = 0; i < task->count; i++)
		if (task->peers[i] == peer)
			return true;
	return false;
}

/* The node with most to lend among those that are not taken, or -1. */
static int roomiest(const struct manager *manager,
		    const struct process *process, const struct task *task)
{
	uint64_t most = 0;
	int best = -1;

	for (int i = 0; i < manager->peer_count; i++) {
		const struct peer *peer = &manager->peers[i];

		if (peer->self || !peer->heard || peer->error ||
		    is_member(process, i) || is_listed(task, i))
			continue;
		if (peer->status.lendable > most) {
			most = peer->status.lendable;
			best = i;
		}
	}
	return best;
}

static void choose_peers(const struct manager *manager,
			 const struct process *process, struct task *task)
{
	uint32_t wanted = 1;
	int peer;

	if (!process->nodes && process->wish.mode != EOS_MODE_MIGRATE &&
	    process->wish.nodes > 2)
		wanted = process->wish.nodes - 1;
	while (task->count < (int)wanted) {
		peer = roomiest(manager, process, task);
		if (peer < 0)
			break;
		task->peers[task->count++] = peer;
	}
}

/**
 * begin_stretch - have a worker stretch a process
 * @manager: the manager
 * @process: the process
 * @peer: the node to stretch to, or -1 for those with most room
 *
 * Return: the worker, or NULL when there is no node or no worker.
 */
struct worker *begin_stretch(struct manager *manager, struct process *process,
			     int peer)
{
	struct task task = { 0 };

	if (peer >= 0)
		task.peers[task.count++] = peer;
	else
		choose_peers(manager, process, &task);
	if (!task.count)
		return NULL;
	return begin(manager, process, WORK_STRETCH, &task, stretch);
}

static const struct session *session_of(const struct session *sessions,
					int count, pid_t pid)
{
	for (int i = 0; i < count; i++)
		if (sessions[i].pid == pid && sessions[i].node == 0)
			return &sessions[i];
	return NULL;
}

/* Computes what other nodes have of a process from the room they report. */
static void look_elsewhere(const struct process *process,
			   const struct session *session, struct situation *now)
{
	for (int node = 1; node < EOS_NODES; node++) {
		int64_t lent = process->lent[node];

		if (!session->linked[node] || !lent)
			continue;
		now->limited = true;
		now->lent += (uint64_t)lent;
		if (session->room[node] < lent)
			now->away += (uint64_t)(lent - session->room[node]);
	}
}

static bool is_surveying(const struct manager *manager)
{
	for (int i = 0; i < WORKERS_MOST; i++)
		if (manager->workers[i].pid &&
		    manager->workers[i].work == WORK_SURVEY)
			return true;
	return false;
}

static void act(struct manager *manager, struct process *process,
		enum action action, int64_t moment)
{
	struct worker *worker = NULL;

	if (action == ACTION_STAY || on_command_only(process))
		return;
	if (action == ACTION_STRETCH)
		worker = begin_stretch(manager, process, -1);
	else
		worker = begin_contract(manager, process);
	if (worker)
		return;
	/* no node is known to have room: ask them again */
	process->look_at = moment + (process->nodes ? MORE_PAUSE_MS : PAUSE_MS);
	if (!is_surveying(manager))
		begin_survey(manager);
}

static void consider(struct manager *manager, struct process *process,
		     const struct process_look *look,
		     const struct session *session, uint64_t available)
{
	int64_t moment = now_ms();
	struct situation now = {
		.resident = look->pages,
		.budget = own_budget(process),
		.available = available / PAGE_BYTES,
		.least = LEAST_PAGES,
		.nodes = process->nodes,
	};
	struct decision decision;

	if (session)
		look_elsewhere(process, session, &now);
	if (!now.limited || !fits_at_home(&now))
		process->calm_since = -1;
	else if (process->calm_since < 0)
		process->calm_since = moment;
	if (process->calm_since >= 0)
		now.calm = (uint64_t)(moment - process->calm_since);
	decision = decide(&now);
	process->resident = look->pages;
	process->look_at = moment + decision.look_in;
	act(manager, process, decision.action, moment);
}

/* Pages that a process can have on all nodes together, as far as is known. */
static uint64_t reservable(const struct manager *manager,
			   const struct process *process)
{
	uint64_t pages = process->wish.budget;
	struct memory memory;

	if (!pages && !memory_look(&memory))
		pages = memory.available / PAGE_BYTES + process->resident;
	for (int i = 0; i < manager->peer_count; i++) {
		const struct peer *peer = &manager->peers[i];

		if (!peer->self && peer->heard && !peer->error)
			pages += peer->status.lendable / PAGE_BYTES;
	}
	return pages;
}

static void wait_at_budget(const struct manager *manager,
			   const struct process *process, uint32_t patience_ms)
{
	struct eos_hold hold = {
		.born = process->start,
		.pid = process->pid,
		.budget = own_budget(process),
		.patience_ms = patience_ms,
		.lease_ms = manager->settings.lease_ms,
		.reserve = reservable(manager, process),
	};

	if (!on_command_only(process))
		kernel_hold(&hold);
}

/**
 * hold - have a process wait at its budget until it is stretched
 * @manager: the manager
 * @process: the process, all of whose memory is here
 *
 * The process stays within its budget even when the manager is late. It may
 * reserve what all nodes together can hold.
 */
void hold(const struct manager *manager, const struct process *process)
{
	wait_at_budget(manager, process, PATIENCE_MS);
}

/**
 * let_go - let a process pass its budget, since no node has room for it
 * @manager: the manager
 * @process: the process, which may be waiting at its budget
 */
void let_go(const struct manager *manager, const struct process *process)
{
	wait_at_budget(manager, process, 0);
}

/* With more than one thread it cannot be stretched: that is said, once. */
static void leave_alone(struct process *process,
			const struct process_look *look)
{
	static const char why[] =
		"has more than one thread: it runs on, and is not stretched";

	if (!process->told) {
		note("process %d %s", (int)process->pid, why);
		tell(process, why);
	}
	process->told = true;
	process->resident = look->pages;
	process->look_at = now_ms() + THREADS_PAUSE_MS;
}

static void look_at(struct manager *manager, struct process *process)
{
	static struct session sessions[SESSIONS_MOST];
	const struct session *session = NULL;
	struct process_look look;
	struct memory memory;

	if (process_look(process->pid, &look) || look.start != process->start) {
		process_forget(process);
		return;
	}
	if (memory_look(&memory))
		return;
	memcpy(process->name, look.name, sizeof(process->name));
	process->file_pages = look.file_pages;
	process->threads = look.threads;
	if (process->nodes) {
		session = session_of(sessions,
				     sessions_read(sessions, SESSIONS_MOST),
				     process->pid);
		/* it became whole by itself: a second thread, or exec */
		if (!session)
			process_alone(process);
	}
	if (look.threads > 1) {
		leave_alone(process, &look);
		return;
	}
	/* a process above its budget has been let go */
	if (!process->nodes && look.pages < own_budget(process))
		hold(manager, process);
	consider(manager, process, &look, session, memory.available);
}

/**
 * watch - look at every process that is due
 * @manager: the manager
 *
 * Return: when the next process is due, or -1 when there is none.
 */
int64_t watch(struct manager *manager)
{
	int64_t next = children_look(manager);

	for (int i = 0; i < PROCESSES_MOST; i++) {
		struct process *process = &manager->processes[i];

		if (!process->pid || process->busy)
			continue;
		if (process->look_at <= now_ms())
			look_at(manager, process);
		if (process->pid && !process->busy &&
		    (next < 0 || process->look_at < next))
			next = process->look_at;
	}
	return next;
}
