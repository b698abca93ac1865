// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stretched process outlives its manager. The next manager must know the
 * cookie of the process and the nodes that it is on, or it could not stretch it
 * further. So this manager keeps a file with a line for each process:
 *
 *	PID START COOKIE BUDGET MODE THRESHOLD WINDOW NODES MANUAL UNSTUCK KEPT
 *
 * followed by NODE:ADDRESS:PAGES for each node that the process is on, and by
 * the word "children" when its children are looked after too.
 */
#include <inttypes.h>
#include <string.h>

#include "book.h"
#include "deadline.h"
#include "machine.h"

#define BOOK_FILE CONTROL_PLACE "/processes"

static void write_process(const struct manager *manager,
			  const struct process *process, FILE *file)
{
	const struct wish *wish = &process->wish;

	fprintf(file, "%d %" PRIu64 " %016" PRIx64 " %u %u %u %u %u %u %u %u",
		(int)process->pid, process->start, process->cookie,
		wish->budget, wish->mode, wish->threshold, wish->window,
		wish->nodes, wish->manual, process->unstuck, process->kept);
	for (int node = 1; node < EOS_NODES; node++) {
		int peer = process->peer[node];

		if (peer >= 0)
			fprintf(file, " %d:%08x:%u", node,
				manager->peers[peer].host.address,
				process->lent[node]);
	}
	fputs(wish->children ? " children\n" : "\n", file);
}

/**
 * book_write - write what is known of this node's processes
 * @manager: that knows it
 * @text: filled
 *
 * Return: its length.
 */
size_t book_write(const struct manager *manager, char text[BOOK_BYTES])
{
	FILE *file = fmemopen(text, BOOK_BYTES, "w");
	long length;

	if (!file)
		return 0;
	for (int i = 0; i < PROCESSES_MOST; i++)
		if (manager->processes[i].pid)
			write_process(manager, &manager->processes[i], file);
	length = ftell(file);
	fclose(file);
	return length > 0 ? (size_t)length : 0;
}

static int peer_by_address(const struct manager *manager, uint32_t address)
{
	for (int i = 0; i < manager->peer_count; i++)
		if (manager->peers[i].host.address == address)
			return i;
	return -1;
}

/* Returns false for a place that makes no sense: the line is then no use. */
static bool read_places(const struct manager *manager, struct process *process,
			const char *text)
{
	unsigned int node, address, lent;
	int length, peer;

	process_alone(process);
	for (;;) {
		if (sscanf(text, " %u:%x:%u%n", &node, &address, &lent,
			   &length) != 3)
			break;
		peer = peer_by_address(manager, address);
		if (node == 0 || node >= EOS_NODES || peer < 0)
			return false;
		process->peer[node] = peer;
		process->lent[node] = lent;
		process->nodes++;
		text += length;
	}
	process->wish.children = !strcmp(text, " children\n");
	return process->wish.children || !strcmp(text, "\n");
}

static bool read_process(const struct manager *manager, struct process *process,
			 const char *line)
{
	struct wish *wish = &process->wish;
	struct process_look look;
	int pid, length;

	memset(process, 0, sizeof(*process));
	if (sscanf(line, "%d %" SCNu64 " %" SCNx64 " %u %u %u %u %u %u %u %u%n",
		   &pid, &process->start, &process->cookie, &wish->budget,
		   &wish->mode, &wish->threshold, &wish->window, &wish->nodes,
		   &wish->manual, &process->unstuck, &process->kept,
		   &length) != 11)
		return false;
	/* another process may have the pid by now */
	if (pid <= 0 || process_look(pid, &look) ||
	    look.start != process->start)
		return false;
	memcpy(process->name, look.name, sizeof(process->name));
	process->look_at = now_ms();
	if (!read_places(manager, process, line + length))
		return false;
	process->pid = pid;
	return true;
}

/**
 * book_read - take over what the manager before this one knew
 * @manager: that knows the hosts, and no process yet
 * @file: what book_write() gave; processes that are gone are left out
 */
void book_read(struct manager *manager, FILE *file)
{
	char line[512];
	int count = 0;

	while (count < PROCESSES_MOST && fgets(line, sizeof(line), file)) {
		struct process *process = &manager->processes[count];

		if (read_process(manager, process, line))
			count++;
		else
			memset(process, 0, sizeof(*process));
	}
}

/**
 * book_keep - update the file when what is known has changed
 * @manager: that knows it
 */
void book_keep(const struct manager *manager)
{
	static char last[BOOK_BYTES], text[BOOK_BYTES];
	static size_t last_length;
	size_t length = book_write(manager, text);
	FILE *file;
	bool kept;

	if (length == last_length && !memcmp(text, last, length))
		return;
	file = fopen(BOOK_FILE ".new", "we");
	if (!file)
		return;
	kept = fwrite(text, 1, length, file) == length;
	kept = !fclose(file) && kept;
	if (!kept || rename(BOOK_FILE ".new", BOOK_FILE))
		return;
	memcpy(last, text, length);
	last_length = length;
}

/**
 * book_open - read the file that the manager before this one left, if any
 * @manager: that begins
 */
void book_open(struct manager *manager)
{
	FILE *file = fopen(BOOK_FILE, "re");

	if (!file)
		return;
	book_read(manager, file);
	fclose(file);
}
