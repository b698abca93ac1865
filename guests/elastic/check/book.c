// SPDX-License-Identifier: GPL-2.0-only
/*
 * book: writes down what one manager knows about this process, has another
 * manager read it, and shows both. Then the same for a process that has ended,
 * for one on a node that the second manager does not know, and for one whose
 * children are looked after.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "book.h"
#include "machine.h"

static char text[BOOK_BYTES];

static void know(struct manager *manager)
{
	manager->peers[0].host = (struct host){ "node1", 0x0a4d0001 };
	manager->peers[1].host = (struct host){ "node2", 0x0a4d0002 };
	manager->peer_count = 2;
}

/* Leaves out pid and start, which differ each time. */
static void show(const char *what, const char *line)
{
	int skip = 0;

	sscanf(line, "%*d %*u%n", &skip);
	printf("%s:%s", what, skip ? line + skip : " nothing\n");
}

static void read_back(const char *what)
{
	static struct manager reader;
	FILE *file = fmemopen(text, strlen(text), "r");

	memset(&reader, 0, sizeof(reader));
	know(&reader);
	book_read(&reader, file);
	fclose(file);
	text[book_write(&reader, text)] = '\0';
	show(what, text);
}

int main(void)
{
	static struct manager writer;
	struct process *process = &writer.processes[3];
	struct process_look look;

	know(&writer);
	process_look(getpid(), &look);
	process->pid = getpid();
	process->start = look.start;
	process->cookie = 0xfeed;
	process->wish = (struct wish){
		.budget = 8192,
		.mode = EOS_MODE_THRESHOLD,
		.threshold = 32,
		.window = 16,
		.nodes = 3,
	};
	process_alone(process);
	process->kept = 1;
	process->peer[2] = 1;
	process->lent[2] = 4096;
	text[book_write(&writer, text)] = '\0';
	show("written", text);
	read_back("read");
	process->start++;
	text[book_write(&writer, text)] = '\0';
	read_back("another's pid");
	process->start--;
	writer.peers[1].host.address++;
	text[book_write(&writer, text)] = '\0';
	read_back("unknown node");
	writer.peers[1].host.address--;
	process->wish.children = 1;
	text[book_write(&writer, text)] = '\0';
	read_back("with children");
	return 0;
}
