// SPDX-License-Identifier: GPL-2.0-only
/*
 * A coarse map of a stretched process: how many pages of each piece of its
 * memory are on this node. Each node answers for itself, since only the owner
 * of a page knows where it is; whoever has the answers of all nodes adds them
 * up. Pieces are aligned in the address space, so that those of two nodes fit.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "elasticos_ioctl.h"
#include "map.h"
#include "page.h"

#define AREAS_MOST    512
#define CELLS_MOST    512
#define PAGES_MOST    (1 << 20) /* 4 GiB: what is beyond is left out */
#define CELL_LARGEST  (PAGES_MOST / CELLS_MOST)
#define PAGES_AT_ONCE 65536 /* the kernel gives no more */

/* Pages of a mapping that moves, by their numbers. */
struct area {
	uint64_t first, end;
};

struct areas {
	struct area area[AREAS_MOST];
	int count;
	uint64_t pages;
};

static void take_area(struct areas *areas, uint64_t start, uint64_t end)
{
	uint64_t room = PAGES_MOST - areas->pages;
	uint64_t pages = (end - start) / PAGE_BYTES;

	if (areas->count == AREAS_MOST || !room)
		return;
	if (pages > room)
		pages = room;
	areas->area[areas->count].first = start / PAGE_BYTES;
	areas->area[areas->count++].end = start / PAGE_BYTES + pages;
	areas->pages += pages;
}

/* Private writable mappings are what moves. */
static void areas_read(pid_t pid, struct areas *areas)
{
	unsigned long long start, end;
	char path[64], line[512], access[5];
	FILE *maps;

	areas->count = 0;
	areas->pages = 0;
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	if (!maps)
		return;
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%llx-%llx %4s", &start, &end, access) == 3 &&
		    access[1] == 'w' && access[3] == 'p')
			take_area(areas, start, end);
	fclose(maps);
}

/* Pages of a piece: a power of two, so that pieces of all nodes fit. */
static uint64_t pages_of_cell(const struct areas *areas)
{
	uint64_t pages = 1;

	while (pages < CELL_LARGEST && areas->pages > pages * CELLS_MOST)
		pages *= 2;
	return pages;
}

static bool is_here(uint8_t state)
{
	return state == EOS_MAP_HERE || state == EOS_MAP_SWAP ||
	       state == EOS_MAP_ZERO;
}

/* What is at the pages from @first on, as far as the kernel says it at once. */
static int look(int device, pid_t pid, uint64_t first, uint64_t end,
		const uint8_t **states)
{
	static uint8_t buffer[PAGES_AT_ONCE];
	struct eos_map map = {
		.pid = pid,
		.start = first * PAGE_BYTES,
		.count = (uint32_t)(end - first),
		.states = (uintptr_t)buffer,
	};

	if (map.count > PAGES_AT_ONCE)
		map.count = PAGES_AT_ONCE;
	*states = buffer;
	return ioctl(device, EOS_IOC_MAP, &map) ? -1 : (int)map.count;
}

/* Prints how many pages of each piece are here. What has ended is left out. */
static void print_area(int device, pid_t pid, const struct area *area,
		       uint64_t cell)
{
	const uint8_t *states;
	uint64_t at = area->first;
	const char *between = "";
	unsigned int here = 0;
	int known = 0;

	printf("{\"first\":%llu", (unsigned long long)(at / cell));
	printf(",\"here\":[");
	while (at < area->end) {
		if (!known) {
			known = look(device, pid, at, area->end, &states);
			if (known < 0)
				break;
		}
		here += is_here(*states++);
		known--;
		at++;
		if (at % cell && at < area->end)
			continue;
		printf("%s%u", between, here);
		between = ",";
		here = 0;
	}
	printf("]}");
}

/**
 * map_print - print which pages of a process are on this node
 * @device: /dev/elasticos
 * @pid: of the process at home, of its shell elsewhere
 *
 * Prints a JSON member "map": the pages of a piece, "cellPages", and for each
 * mapping that moves the number of its first piece, and for each piece how many
 * pages of this mapping are here. Prints nothing for a process that is whole.
 */
void map_print(int device, pid_t pid)
{
	static struct areas areas;
	const uint8_t *states;
	uint64_t cell;

	areas_read(pid, &areas);
	if (!areas.count || look(device, pid, areas.area[0].first,
				 areas.area[0].first + 1, &states) < 0)
		return;
	cell = pages_of_cell(&areas);
	printf(",\"map\":{\"cellPages\":%llu,\"areas\":[",
	       (unsigned long long)cell);
	for (int i = 0; i < areas.count; i++) {
		printf(i ? "," : "");
		print_area(device, pid, &areas.area[i], cell);
	}
	printf("]}");
}
