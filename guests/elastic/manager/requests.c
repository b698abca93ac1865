// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "deadline.h"
#include "kernel.h"
#include "machine.h"
#include "requests.h"
#include "sessions.h"
#include "usual.h"
#include "watch.h"

#define SESSIONS_MOST CONTROL_ROWS

static void reply(int client, const struct control_reply *reply, size_t row)
{
	send(client, reply,
	     offsetof(struct control_reply, rows) + reply->count * row,
	     MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void answer(int client, int error, const char *text)
{
	static struct control_reply short_reply;

	short_reply.version = CONTROL_VERSION;
	short_reply.error = error;
	snprintf(short_reply.text, sizeof(short_reply.text), "%s", text);
	reply(client, &short_reply, 0);
}

static struct process *add_with_defaults(struct manager *manager, pid_t pid,
					 struct wish *wish)
{
	wish_fill_usual(wish, pid);
	return process_add(manager, pid, wish);
}

/* Whether every other node has been asked what it lends, and has answered. */
static bool all_asked(const struct manager *manager)
{
	for (int i = 0; i < manager->peer_count; i++)
		if (!manager->peers[i].self && !manager->peers[i].heard)
			return false;
	return true;
}

/* The caller waits for the answer, and executes its program after it. */
static void let_begin(struct manager *manager, int client,
		      const struct process *process)
{
	hold(manager, process);
	answer(client, 0, "managed");
}

/* Has the client wait until a worker is done; false if there is no worker. */
static bool wait_with(struct worker *worker, int client)
{
	if (!worker)
		return false;
	worker->client = client;
	return true;
}

/*
 * The program may reserve what the nodes lend, with its first step. So as long
 * as that is not known it has to wait for it.
 */
static bool serve_run(struct manager *manager, int client,
		      struct control_request *request)
{
	socklen_t length = sizeof(struct ucred);
	struct process *process = NULL;
	struct worker *survey;
	struct ucred who;

	if (!kernel_has_elasticos()) {
		answer(client, ENOENT, kernel_complaint(ENOENT));
		return false;
	}
	if (!getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &length))
		process = add_with_defaults(manager, who.pid, &request->wish);
	if (!process) {
		answer(client, EAGAIN, "the manager has too many processes");
		return false;
	}
	survey = begin_survey(manager);
	if (survey && !all_asked(manager)) {
		survey->process = process;
		process->busy = true;
		return wait_with(survey, client);
	}
	let_begin(manager, client, process);
	return false;
}

static const char *name_of_peer(const struct manager *manager, int peer)
{
	return peer < 0 ? "" : manager->peers[peer].host.name;
}

static const char *own_name(const struct manager *manager)
{
	for (int i = 0; i < manager->peer_count; i++)
		if (manager->peers[i].self)
			return manager->peers[i].host.name;
	return "";
}

static void row_of_session(struct control_process *row,
			   const struct session *session)
{
	row->pid = session->pid;
	row->self = session->node;
	row->cookie = session->cookie;
	for (int node = 0; node < EOS_NODES; node++) {
		row->known |= (uint32_t)session->known[node] << node;
		row->linked |= (uint32_t)session->linked[node] << node;
	}
	memcpy(row->state, session->state, sizeof(row->state));
	memcpy(row->policy, session->policy, sizeof(row->policy));
	row->budget = session->budget;
	row->resident = session->resident;
	row->jumps_out = session->jumps_out;
	row->jumps_in = session->jumps_in;
	row->pulls = session->pulls;
	row->pulled_pages = session->pulled_pages;
	row->pushed_pages = session->pushed_pages;
	row->bytes_sent = session->bytes_sent;
	row->bytes_received = session->bytes_received;
}

static void row_of_process(const struct manager *manager,
			   struct control_process *row,
			   const struct process *process)
{
	row->managed = 1;
	row->cookie = process->cookie;
	row->manual = on_command_only(process);
	snprintf(row->nodes[0], HOST_NAME, "%s", own_name(manager));
	for (int node = 1; node < EOS_NODES; node++)
		snprintf(row->nodes[node], HOST_NAME, "%s",
			 name_of_peer(manager, process->peer[node]));
	if (row->pid)
		return;
	row->pid = process->pid;
	strcpy(row->state, process->threads > 1 ? "threads" : "whole");
	snprintf(row->policy, sizeof(row->policy), "%s",
		 policy_name(process->wish.mode));
	row->budget = process->wish.budget;
	row->resident = process->resident;
}

static void name_row(struct control_process *row)
{
	struct process_look look = { 0 };

	process_look(row->pid, &look);
	memcpy(row->name, look.name, sizeof(row->name));
}

static void serve_ps(struct manager *manager, int client)
{
	static struct control_reply rows;
	static struct session sessions[SESSIONS_MOST];
	int count = sessions_read(sessions, SESSIONS_MOST);

	memset(&rows, 0, sizeof(rows));
	rows.version = CONTROL_VERSION;
	for (int i = 0; i < count; i++) {
		const struct process *process =
			process_by_pid(manager, sessions[i].pid);
		struct control_process *row = &rows.rows.process[rows.count++];

		row_of_session(row, &sessions[i]);
		if (process && sessions[i].node == 0)
			row_of_process(manager, row, process);
	}
	for (int i = 0; i < PROCESSES_MOST && rows.count < CONTROL_ROWS; i++) {
		const struct process *process = &manager->processes[i];
		bool shown = false;

		for (uint32_t k = 0; k < rows.count; k++)
			shown = shown ||
				rows.rows.process[k].pid == process->pid;
		if (process->pid && !shown)
			row_of_process(manager,
				       &rows.rows.process[rows.count++],
				       process);
	}
	for (uint32_t i = 0; i < rows.count; i++)
		name_row(&rows.rows.process[i]);
	reply(client, &rows, sizeof(struct control_process));
}

static void reply_nodes(const struct manager *manager, int client)
{
	static struct control_reply rows;

	memset(&rows, 0, sizeof(rows));
	rows.version = CONTROL_VERSION;
	for (int i = 0; i < manager->peer_count; i++) {
		const struct peer *peer = &manager->peers[i];
		struct control_node *row = &rows.rows.node[rows.count++];
		struct message_status status = peer->status;

		if (peer->self)
			health_look(manager, &status);
		memcpy(row->name, peer->host.name, sizeof(row->name));
		row->address = peer->host.address;
		row->self = peer->self;
		row->error = peer->error;
		row->total = status.total;
		row->free = status.free;
		row->lendable = status.lendable;
		row->processes = status.processes;
		row->shells = status.shells;
	}
	reply(client, &rows, sizeof(struct control_node));
}

static struct process *wanted_process(struct manager *manager, int client,
				      struct control_request *request, bool add)
{
	struct process *process = process_by_pid(manager, request->pid);

	if (!process && add)
		process = add_with_defaults(manager, request->pid,
					    &request->wish);
	if (!process)
		answer(client, ESRCH,
		       "there is no such process under this manager");
	else if (process->busy)
		answer(client, EBUSY,
		       "something is being done with it; try again");
	else
		return process;
	return NULL;
}

static bool serve_stretch(struct manager *manager, int client,
			  struct control_request *request)
{
	struct process *process;
	int peer = peer_by_name(manager, request->node);

	if (peer < 0 || manager->peers[peer].self) {
		answer(client, ENOENT, "that is no other node of this testbed");
		return false;
	}
	process = wanted_process(manager, client, request, true);
	if (!process)
		return false;
	process->kept = 0;
	return wait_with(begin_stretch(manager, process, peer), client);
}

static bool serve_contract(struct manager *manager, int client,
			   struct control_request *request)
{
	struct process *process =
		wanted_process(manager, client, request, true);

	if (!process)
		return false;
	/* otherwise it would be stretched again at once */
	process->kept = 1;
	return wait_with(begin_contract(manager, process), client);
}

static bool serve_policy(struct manager *manager, int client,
			 struct control_request *request)
{
	struct process *process =
		wanted_process(manager, client, request, false);

	if (!process)
		return false;
	if (request->verb == VERB_STICK || request->verb == VERB_UNSTICK)
		request->wish.given = WISH_MODE;
	if (request->verb == VERB_STICK)
		request->wish.mode = EOS_MODE_STICKY;
	if (request->verb == VERB_UNSTICK)
		request->wish.mode = process->unstuck;
	request->wish.manual = process->wish.manual;
	request->wish.children = process->wish.children;
	wish_fill(&request->wish, &process->wish);
	process->wish = request->wish;
	if (process->wish.mode != EOS_MODE_STICKY)
		process->unstuck = process->wish.mode;
	if (process->nodes)
		return wait_with(begin_policy(manager, process), client);
	answer(client, 0, "noted");
	return false;
}

static bool serve(struct manager *manager, int client,
		  struct control_request *request)
{
	switch (request->verb) {
	case VERB_RUN:
		return serve_run(manager, client, request);
	case VERB_PS:
		serve_ps(manager, client);
		return false;
	case VERB_NODES:
		return wait_with(begin_survey(manager), client);
	case VERB_STRETCH:
		return serve_stretch(manager, client, request);
	case VERB_CONTRACT:
		return serve_contract(manager, client, request);
	case VERB_STICK:
	case VERB_UNSTICK:
	case VERB_POLICY:
		return serve_policy(manager, client, request);
	default:
		answer(client, EINVAL,
		       "the manager does not know this request");
		return false;
	}
}

/**
 * request_serve - read what a command asks for, and do it or begin it
 * @manager: the manager
 * @client: the command's connection; closed when what it asked for is done
 */
void request_serve(struct manager *manager, int client)
{
	struct timeval patience = { .tv_usec = 200000 };
	struct control_request request;

	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	if (recv(client, &request, sizeof(request), 0) != sizeof(request) ||
	    request.version != CONTROL_VERSION) {
		close(client);
		return;
	}
	request.node[HOST_NAME - 1] = '\0';
	if (!serve(manager, client, &request))
		close(client);
}

/**
 * request_finish - answer the command that has waited for a worker, if any
 * @manager: the manager
 * @worker: that is done
 * @result: how it went
 */
void request_finish(struct manager *manager, struct worker *worker,
		    const struct report *result)
{
	if (worker->client < 0)
		return;
	if (worker->work == WORK_SURVEY && worker->process)
		let_begin(manager, worker->client, worker->process);
	else if (worker->work == WORK_SURVEY)
		reply_nodes(manager, worker->client);
	else
		answer(worker->client, result->error, result->text);
	close(worker->client);
	worker->client = -1;
}
