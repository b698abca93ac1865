// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "page.h"
#include "show.h"

#define MIB (1 << 20)

static unsigned long long mib_of_pages(uint64_t pages)
{
	return (unsigned long long)(pages * PAGE_BYTES / MIB);
}

/* Prints a JSON string. A program's name may hold any byte. */
static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char letter = (unsigned char)*text;

		if (letter == '"' || letter == '\\')
			printf("\\%c", letter);
		else if (letter < 0x20 || letter > 0x7e)
			printf("\\u%04x", letter);
		else
			putchar(letter);
	}
	putchar('"');
}

static void print_field(const char *name, uint64_t value)
{
	printf(",\"%s\":%llu", name, (unsigned long long)value);
}

static void print_text(const char *name, const char *text)
{
	printf(",\"%s\":", name);
	print_string(text);
}

static void print_node_names(const struct control_process *row)
{
	bool first = true;

	printf(",\"nodes\":[");
	for (int node = 0; node < EOS_NODES; node++) {
		if (!row->nodes[node][0])
			continue;
		printf(first ? "" : ",");
		print_string(row->nodes[node]);
		first = false;
	}
	putchar(']');
}

/* Connections to other nodes by their numbers, and whether they are up. */
static void print_links(const struct control_process *row)
{
	printf(",\"links\":[");
	for (int node = 0, first = 1; node < EOS_NODES; node++) {
		if (!(row->known >> node & 1))
			continue;
		printf(first ? "" : ",");
		printf("{\"node\":%d,\"up\":%s}", node,
		       row->linked >> node & 1 ? "true" : "false");
		first = 0;
	}
	putchar(']');
}

/**
 * show_members - print a row of `elastic ps` as members of a JSON object
 * @row: of the manager's answer
 */
void show_members(const struct control_process *row)
{
	printf("\"pid\":%d", row->pid);
	print_text("name", row->name);
	printf(",\"cookie\":\"%016llx\"", (unsigned long long)row->cookie);
	printf(",\"managed\":%s,\"manual\":%s", row->managed ? "true" : "false",
	       row->manual ? "true" : "false");
	print_field("node", row->self);
	print_text("state", row->state);
	print_text("policy", row->policy);
	print_node_names(row);
	print_links(row);
	print_field("budgetPages", row->budget);
	print_field("residentPages", row->resident);
	print_field("jumpsOut", row->jumps_out);
	print_field("jumpsIn", row->jumps_in);
	print_field("pulls", row->pulls);
	print_field("pulledPages", row->pulled_pages);
	print_field("pushedPages", row->pushed_pages);
	print_field("bytesSent", row->bytes_sent);
	print_field("bytesReceived", row->bytes_received);
}

static void process_as_line(const struct control_process *row)
{
	char budget[24] = "-";

	if (row->budget)
		snprintf(budget, sizeof(budget), "%lluM",
			 mib_of_pages(row->budget));
	printf("%5d  %-15s  %-5s  %-8s  %-9s  %5lluM  %6s  %7llu  %9llu  %9llu ",
	       row->pid, row->name, row->self ? "shell" : "home", row->state,
	       row->policy, mib_of_pages(row->resident), budget,
	       (unsigned long long)(row->jumps_out + row->jumps_in),
	       (unsigned long long)row->pulls,
	       (unsigned long long)row->pushed_pages);
	for (int node = 1; node < EOS_NODES; node++)
		if (row->nodes[node][0])
			printf(" %s", row->nodes[node]);
	putchar('\n');
}

static void print_rows(const struct control_reply *reply,
		       void (*row)(const struct control_reply *, uint32_t))
{
	putchar('[');
	for (uint32_t i = 0; i < reply->count && i < CONTROL_ROWS; i++) {
		printf(i ? "," : "");
		row(reply, i);
	}
	puts("]");
}

static void json_process(const struct control_reply *reply, uint32_t i)
{
	putchar('{');
	show_members(&reply->rows.process[i]);
	putchar('}');
}

void show_processes(const struct control_reply *reply, bool json)
{
	if (json) {
		print_rows(reply, json_process);
		return;
	}
	puts("  PID  NAME             ROLE   STATE     POLICY     HERE    BUDGET    JUMPS      PULLS     PUSHED  NODES");
	for (uint32_t i = 0; i < reply->count && i < CONTROL_ROWS; i++)
		process_as_line(&reply->rows.process[i]);
}

static void node_as_json(const struct control_node *row)
{
	printf("{\"name\":");
	print_string(row->name);
	printf(",\"address\":\"%u.%u.%u.%u\",\"self\":%s", row->address >> 24,
	       row->address >> 16 & 255, row->address >> 8 & 255,
	       row->address & 255, row->self ? "true" : "false");
	if (row->error)
		print_text("error", strerror(row->error));
	print_field("totalBytes", row->total);
	print_field("freeBytes", row->free);
	print_field("lendableBytes", row->lendable);
	print_field("processes", row->processes);
	print_field("shells", row->shells);
	putchar('}');
}

static void node_as_line(const struct control_node *row)
{
	printf("%-12s  ", row->name);
	if (row->error) {
		printf("%s\n", strerror(row->error));
		return;
	}
	printf("%5lluM  %5lluM  %8lluM  %9u  %6u%s\n",
	       (unsigned long long)(row->total / MIB),
	       (unsigned long long)(row->free / MIB),
	       (unsigned long long)(row->lendable / MIB), row->processes,
	       row->shells, row->self ? "  (this one)" : "");
}

static void json_node(const struct control_reply *reply, uint32_t i)
{
	node_as_json(&reply->rows.node[i]);
}

void show_nodes(const struct control_reply *reply, bool json)
{
	if (json) {
		print_rows(reply, json_node);
		return;
	}
	puts("NODE           TOTAL    FREE   LENDABLE  PROCESSES  SHELLS");
	for (uint32_t i = 0; i < reply->count && i < CONTROL_ROWS; i++)
		node_as_line(&reply->rows.node[i]);
}
