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

/* A node does not lend the last of its free memory. */
#define KEEP_BYTES (8ULL << 20)

/**
 * note - write a line to the manager's log
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

/* Notes that a process is on no other node. */
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
 * @manager: the manager
 * @pid: of the process
 * @wish: how to treat it, with every field filled in
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
 * worker_places - how many workers more there may be
 * @manager: the manager
 *
 * Return: their number.
 */
int worker_places(const struct manager *manager)
{
	int places = WORKERS_MOST;

	for (int i = 0; i < WORKERS_MOST; i++)
		places -= manager->workers[i].pid != 0;
	return places;
}

struct beginning {
	const struct manager *manager;
	void (*body)(struct worker_channel *channel, void *argument);
	void *argument;
};

/*
 * A worker may outlive its manager. It must then hold neither the lock nor a
 * socket, or the next manager could not start.
 */
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
 * @manager: the manager
 * @work: its kind
 * @body: what it runs
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
	static uint64_t begun;
	pid_t pid;

	for (int i = 0; i < WORKERS_MOST && !worker; i++)
		if (!manager->workers[i].pid)
			worker = &manager->workers[i];
	if (!worker)
		return NULL;
	memset(worker, 0, sizeof(*worker));
	worker->work = work;
	worker->client = -1;
	worker->began = ++begun;
	pid = worker_start(&worker->channel, as_worker, &beginning);
	if (pid < 0) {
		note("no worker: %s", strerror(-pid));
		return NULL;
	}
	worker->pid = pid;
	return worker;
}

/**
 * on_command_only - whether a process is stretched and contracted by hand only
 * @process: the process
 */
bool on_command_only(const struct process *process)
{
	return process->wish.manual || process->kept;
}

/**
 * policy_of - the policy of a process, as the kernel takes it
 * @process: the process
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
 * own_budget - the part of a budget that is for pages that can be pushed
 * @process: the process
 *
 * Pages of files take part of the budget too, and they always stay at home.
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
 * lendable - how much more this node could lend now
 * @manager: the manager
 *
 * Return: bytes, without those that it has lent already.
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
	/*
	 * Nobody knows how much of what was lent is in use, so all of it is
	 * taken off again, from what is free now.
	 */
	if (!limit)
		return free > lent ? free - lent : 0;
	/* a node that was told how much to lend also lends its swap */
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
 * peer_by_name - find a node by its name or address
 * @manager: the manager
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
