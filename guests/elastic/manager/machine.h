/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc says about this machine's memory and its processes. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define LEAST_PAGES 1024 /* that should be free on a machine */

/* In bytes. */
struct memory {
	uint64_t total;
	uint64_t available; /* before the kernel begins to reclaim */
	uint64_t swap;      /* free */
};

/**
 * struct process_look - what is seen of a process
 * @parent: pid of its parent
 * @threads: how many it has
 * @start: ticks after boot; tells two owners of a pid apart
 * @pages: resident, and of no file
 * @file_pages: resident, of files
 * @name: of the program, cut off at 15 bytes
 */
struct process_look {
	pid_t parent;
	uint32_t threads;
	uint64_t start;
	uint64_t pages;
	uint64_t file_pages;
	char name[16];
};

int memory_look(struct memory *memory);
int memory_parse(FILE *meminfo, uint64_t min_free_kb, bool cache,
		 struct memory *memory);
int process_look(pid_t pid, struct process_look *look);
int process_parse_stat(const char *text, struct process_look *look);

#endif
