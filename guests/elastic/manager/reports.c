// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deadline.h"
#include "machine.h"
#include "page.h"
#include "reports.h"
#include "requests.h"
#include "watch.h"

/* Until a process is looked at again after something has failed. */
#define PAUSE_MS 1000

/* One JSON object a line for every shell that has ended on this node. */
#define SHELLS_FILE CONTROL_PLACE "/shells"

/* Sets aside as much of what a worker wants as can be lent. */
static void grant(const struct manager *manager, struct worker *worker,
		  struct report *report)
{
	uint64_t pages = lendable(manager) / PAGE_BYTES;

	if (report->pages == BUDGET_NONE)
		pages = pages ? BUDGET_NONE : 0;
	else if (report->pages != BUDGET_ANY && report->pages < pages)
		pages = report->pages;
	worker->granted = (uint32_t)pages;
	report->pages = worker->granted;
	worker_report(&worker->channel, report);
}

static void record_shell(const struct report *report)
{
	FILE *file = fopen(SHELLS_FILE, "ae");

	if (!file)
		return;
	fprintf(file,
		"{\"cookie\":\"%016llx\",\"node\":%u,\"pid\":%d,\"userMicroseconds\":%llu,\"systemMicroseconds\":%llu,\"peakResidentBytes\":%llu,\"status\":%d}\n",
		(unsigned long long)report->cookie, report->node,
		(int)report->shell, (unsigned long long)report->user_us,
		(unsigned long long)report->system_us,
		(unsigned long long)report->peak_kb * 1024, report->status);
	fclose(file);
}

static void shell_began(struct worker *worker, const struct report *report)
{
	char limit[24] = "no limit";

	worker->shell = report->shell;
	if (report->pages != BUDGET_NONE)
		snprintf(limit, sizeof(limit), "%u pages", report->pages);
	note("shell %d: node %u of %016llx, %s", (int)report->shell,
	     report->node, (unsigned long long)report->cookie, limit);
}

static void shell_ended(struct worker *worker, const struct report *report)
{
	worker->shell = 0;
	worker->granted = 0;
	record_shell(report);
	note("shell %d ended, status %x: user %llu us, system %llu us",
	     (int)report->shell, report->status,
	     (unsigned long long)report->user_us,
	     (unsigned long long)report->system_us);
}

static void stretched(struct manager *manager, struct process *process,
		      const struct report *report)
{
	process->peer[report->node] = report->peer;
	process->lent[report->node] = report->pages;
	process->nodes++;
	note("process %d: stretched to %s as node %u, %u pages lent",
	     (int)process->pid, manager->peers[report->peer].host.name,
	     report->node, report->pages);
}

static void surveyed(struct peer *peer, const struct report *report)
{
	if (report->error && report->error != peer->error)
		note("%s: %s", peer->host.name, strerror(report->error));
	peer->error = report->error;
	peer->heard = true;
	peer->status = report->health;
}

/* A node had no room though it had said so: all nodes have to be asked anew. */
static void forget_answers(struct manager *manager)
{
	for (int i = 0; i < manager->peer_count; i++)
		manager->peers[i].heard = false;
}

/* Processes that have waited for a node with room go on, or are stretched. */
static void heard_all(struct manager *manager)
{
	bool room = false;

	for (int i = 0; i < manager->peer_count; i++)
		room = room ||
		       (manager->peers[i].heard && !manager->peers[i].error &&
			manager->peers[i].status.lendable);
	for (int i = 0; i < PROCESSES_MOST; i++) {
		struct process *process = &manager->processes[i];

		if (!process->pid || process->busy)
			continue;
		if (room)
			process->look_at = now_ms();
		else
			let_go(manager, process);
	}
}

static void finish(struct manager *manager, struct worker *worker,
		   const struct report *result)
{
	struct process *process = worker->process;

	worker->answered = true;
	if (worker->work != WORK_SURVEY &&
	    (result->error || worker->work == WORK_CONTRACT))
		note("%s", result->text);
	if (worker->work == WORK_STRETCH && result->error)
		forget_answers(manager);
	if (worker->work == WORK_SURVEY)
		heard_all(manager);
	if (process) {
		process->busy = false;
		process->look_at = now_ms() + (result->error ? PAUSE_MS : 0);
		if (worker->work == WORK_CONTRACT && !result->error)
			process_alone(process);
	}
	request_finish(manager, worker, result);
}

static void gone(struct manager *manager, struct worker *worker)
{
	static const struct report died = {
		.type = REPORT_RESULT,
		.error = EIO,
		.text = "the manager's worker died",
	};

	if (!worker->answered)
		finish(manager, worker, &died);
	close(worker->channel.fd);
	worker->pid = 0;
}

/**
 * report_dismiss - end a worker that speaks to a stranger
 * @worker: it has nothing but the connection
 */
void report_dismiss(struct worker *worker)
{
	struct in_addr address = { htonl(worker->caller) };
	char text[INET_ADDRSTRLEN] = "?";

	inet_ntop(AF_INET, &address, text, sizeof(text));
	note("stranger at %s has to go: too many call", text);
	kill(worker->pid, SIGKILL);
	close(worker->channel.fd);
	worker->pid = 0;
}

/**
 * report_take - read a worker's report and act on it
 * @manager: the manager
 * @worker: that has reported, or has ended
 */
void report_take(struct manager *manager, struct worker *worker)
{
	struct report report;

	if (worker_read(&worker->channel, &report)) {
		gone(manager, worker);
		return;
	}
	switch (report.type) {
	case REPORT_PROVEN:
		worker->proven = true;
		break;
	case REPORT_WANT:
		grant(manager, worker, &report);
		break;
	case REPORT_SHELL:
		shell_began(worker, &report);
		break;
	case REPORT_SHELL_ENDED:
		shell_ended(worker, &report);
		break;
	case REPORT_STRETCHED:
		stretched(manager, worker->process, &report);
		break;
	case REPORT_SURVEYED:
		surveyed(&manager->peers[report.peer], &report);
		break;
	case REPORT_RESULT:
		finish(manager, worker, &report);
		break;
	}
}
