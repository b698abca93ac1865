// SPDX-License-Identifier: GPL-2.0-only
/*
 * pagemap: shows what this node knows about each page of a stretched process.
 *
 *	pagemap PID		of the process at home, of its shell elsewhere
 *
 * Prints a line for each page of its private writable mappings: the page's
 * number in hexadecimal and its state as in elasticos_ioctl.h.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "elasticos_ioctl.h"
#include "trials.h"

#define PAGES_AT_ONCE 65536

static int show_range(int device, int pid, uint64_t start, uint64_t end)
{
	static uint8_t states[PAGES_AT_ONCE];

	while (start < end) {
		uint64_t count = (end - start) / 4096;
		struct eos_map map = { .pid = pid, .start = start };

		if (count > PAGES_AT_ONCE)
			count = PAGES_AT_ONCE;
		map.count = count;
		map.states = (uintptr_t)states;
		if (ioctl(device, EOS_IOC_MAP, &map)) {
			perror("pagemap");
			return 1;
		}
		for (uint64_t i = 0; i < count; i++)
			printf("page %llx %02x\n",
			       (unsigned long long)(start / 4096 + i),
			       states[i]);
		start += count * 4096;
	}
	return 0;
}

int pagemap_main(int argc, char **argv)
{
	int device = open("/dev/elasticos", O_RDWR);
	int pid = argc > 1 ? atoi(argv[1]) : 0;
	unsigned long long start, end;
	char path[64], line[512], access[5];
	FILE *maps;

	if (argc != 2 || device < 0) {
		fprintf(stderr, "usage: pagemap PID\n");
		return 2;
	}
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%llx-%llx %4s", &start, &end, access) == 3 &&
		    access[1] == 'w' && access[3] == 'p' &&
		    show_range(device, pid, start, end))
			return 1;
	return !maps;
}
