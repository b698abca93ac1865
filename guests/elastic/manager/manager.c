// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "deadline.h"
#include "machine.h"
#include "manager.h"
#include "page.h"

/* What a node keeps for itself of what it could lend. */
#define KEEP_BYTES (8ULL << 20)

/**
 * note - a line of the manager's log
 * @format: what happened
 */
void note(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
	fflush(stdout);
}

struct process *process_by_pid(struct manager *manager, pid_t pid)
{
	for (int i = 0; i < PROCESSES_MOST; i++)
		if (pid > 0 && manager->processes[i].pid == pid)
			return &manager->processes[i];
	return NULL;
}

/* It is on no other node. */
void process_alone(struct process *process)
{
	for (int node = 0; node < EOS_NODES; node++) {
		process->peer[node] = -1;
		process->lent[node] = 0;
	}
	process->nodes = 0;
	process->calm_since = -1;
}

/**
 * process_add - look after a process from now on
 * @manager: that does
 * @pid: of the process
 * @wish: how it is to be treated, everything filled in
 *
 * Return: the process, or NULL when it is gone or there are too many.
 */
struct process *process_add(struct manager *manager, pid_t pid,
			    const struct wish *wish)
{
	struct process *process = process_by_pid(manager, pid);
	struct process_look look;

	for (int i = 0; i < PROCESSES_MOST && !process; i++)
		if (!manager->processes[i].pid)
			process = &manager->processes[i];
	if (!process || process->busy || process_look(pid, &look))
		return NULL;
	memset(process, 0, sizeof(*process));
	if (random_fill(&process->cookie, sizeof(process->cookie)))
		return NULL;
	process->pid = pid;
	process->start = look.start;
	memcpy(process->name, look.name, sizeof(process->name));
	process->wish = *wish;
	process->unstuck = wish->mode == EOS_MODE_STICKY ? EOS_MODE_ADAPTIVE :
							   wish->mode;
	process->look_at = now_ms();
	process_alone(process);
	return process;
}

void process_forget(struct process *process)
{
	process->pid = 0;
}

/**
 * worker_places - room for one worker more
 * @manager: whose
 * @strangers: whether it would speak to a stranger
 *
 * Return: how many there could be.
 */
int worker_places(const struct manager *manager, bool strangers)
{
	int all = WORKERS_MOST, unproven = STRANGERS_MOST;

	for (int i = 0; i < WORKERS_MOST; i++) {
		const struct worker *worker = &manager->workers[i];

		if (!worker->pid)
			continue;
		all--;
		if (worker->work == WORK_GUEST && !worker->proven)
			unproven--;
	}
	return strangers && unproven < all ? unproven : all;
}

struct beginning {
	const struct manager *manager;
	void (*body)(struct worker_channel *channel, void *argument);
	void *argument;
};

/* A worker that outlives its manager must not keep the next one from starting. */
static void as_worker(struct worker_channel *channel, void *argument)
{
	const struct beginning *beginning = argument;
	const struct manager *manager = beginning->manager;

	close(manager->lock);
	close(manager->shell_listener);
	close(manager->page_listener);
	close(manager->control_listener);
	for (int i = 0; i < WORKERS_MOST; i++) {
		if (!manager->workers[i].pid)
			continue;
		close(manager->workers[i].channel.fd);
		if (manager->workers[i].client >= 0)
			close(manager->workers[i].client);
	}
	beginning->body(channel, beginning->argument);
}

/**
 * worker_begin - start a worker and remember it
 * @manager: whose
 * @work: its kind
 * @body: what it does
 * @argument: for @body
 *
 * Return: the worker or NULL.
 */
struct worker *worker_begin(struct manager *manager, enum work work,
			    void (*body)(struct worker_channel *, void *),
			    void *argument)
{
	struct beginning beginning = { manager, body, argument };
	struct worker *worker = NULL;
	pid_t pid;

	for (int i = 0; i < WORKERS_MOST && !worker; i++)
		if (!manager->workers[i].pid)
			worker = &manager->workers[i];
	if (!worker)
		return NULL;
	memset(worker, 0, sizeof(*worker));
	worker->work = work;
	worker->client = -1;
	pid = worker_start(&worker->channel, as_worker, &beginning);
	if (pid < 0) {
		note("no worker: %s", strerror(-pid));
		return NULL;
	}
	worker->pid = pid;
	return worker;
}

/**
 * policy_of - what the kernel is told about a process
 * @process: that is stretched
 */
struct eos_policy policy_of(const struct process *process)
{
	const struct wish *wish = &process->wish;

	return (struct eos_policy){
		.mode = wish->mode,
		.threshold = wish->threshold,
		.window = wish->window,
		.target = 1,
	};
}

/**
 * own_budget - what is left of a budget for pages that can be pushed
 * @process: whose
 *
 * Pages of files count in the budget, too, but stay at home.
 *
 * Return: pages, at least half of the budget; 0 for no limit.
 */
uint32_t own_budget(const struct process *process)
{
	uint32_t budget = process->wish.budget, half = budget - budget / 2;

	return process->file_pages < budget - half ?
		       budget - (uint32_t)process->file_pages :
		       half;
}

/**
 * lendable - bytes that this node could lend now, beside what it has lent
 * @manager: of the node
 */
uint64_t lendable(const struct manager *manager)
{
	uint64_t lent = 0, limit = manager->settings.lend, free;
	struct memory memory;

	for (int i = 0; i < WORKERS_MOST; i++)
		if (manager->workers[i].pid)
			lent += (uint64_t)manager->workers[i].granted *
				PAGE_BYTES;
	if (memory_look(&memory))
		return 0;
	free = memory.available > KEEP_BYTES ? memory.available - KEEP_BYTES :
					       0;
	/* what was lent may not have been taken yet, or may be: count it twice */
	if (!limit)
		return free > lent ? free - lent : 0;
	/* whoever says how much lends it, and swaps if it has to */
	free += memory.swap;
	limit = limit > lent ? limit - lent : 0;
	return limit < free ? limit : free;
}

void health_look(const struct manager *manager, struct message_status *health)
{
	struct memory memory = { 0 };

	memset(health, 0, sizeof(*health));
	memory_look(&memory);
	health->total = memory.total;
	health->free = memory.available;
	health->lendable = lendable(manager);
	for (int i = 0; i < PROCESSES_MOST; i++)
		health->processes += manager->processes[i].pid != 0;
	for (int i = 0; i < WORKERS_MOST; i++)
		health->shells += manager->workers[i].pid &&
				  manager->workers[i].shell;
}

/**
 * peer_by_name - a node by its name or address
 * @manager: that knows it
 * @name: of the node
 *
 * Return: its index, or -ENOENT.
 */
int peer_by_name(const struct manager *manager, const char *name)
{
	uint32_t address = 0;

	if (host_address(name, &address))
		address = 0;
	for (int i = 0; i < manager->peer_count; i++) {
		const struct host *host = &manager->peers[i].host;

		if (!strcmp(host->name, name) ||
		    (address && host->address == address))
			return i;
	}
	return -ENOENT;
}
