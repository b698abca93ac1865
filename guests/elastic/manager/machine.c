// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "machine.h"

/* Fields of /proc/PID/stat, see proc(5). */
#define STAT_PARENT  4
#define STAT_THREADS 20
#define STAT_START   22

struct meminfo_field {
	const char *name;
	uint64_t kb;
	bool found;
};

static void take_line(const char *line, struct meminfo_field *field)
{
	size_t length = strlen(field->name);

	if (strncmp(line, field->name, length) || line[length] != ':')
		return;
	field->kb = strtoull(line + length + 1, NULL, 10);
	field->found = true;
}

/**
 * memory_parse - read /proc/meminfo
 * @meminfo: its text
 * @min_free_kb: vm.min_free_kbytes
 * @cache: whether the kernel can reclaim the page cache; it cannot where the
 *	root file system is in RAM
 * @memory: filled
 *
 * A page is available as long as the kernel would not begin to reclaim for it.
 * It begins at the low watermark, 5/4 of min_free_kbytes. 2.6.38 has no
 * MemAvailable, so this is computed for both kernel lines.
 *
 * Return: 0, or -EINVAL when a figure is missing.
 */
int memory_parse(FILE *meminfo, uint64_t min_free_kb, bool cache,
		 struct memory *memory)
{
	struct meminfo_field total = { .name = "MemTotal" };
	struct meminfo_field free = { .name = "MemFree" };
	struct meminfo_field active = { .name = "Active(file)" };
	struct meminfo_field inactive = { .name = "Inactive(file)" };
	struct meminfo_field swap = { .name = "SwapFree" };
	uint64_t reserve = min_free_kb + min_free_kb / 4, have;
	char line[128];

	while (fgets(line, sizeof(line), meminfo)) {
		take_line(line, &total);
		take_line(line, &free);
		take_line(line, &active);
		take_line(line, &inactive);
		take_line(line, &swap);
	}
	if (!total.found || !free.found)
		return -EINVAL;
	have = free.kb + (cache ? active.kb + inactive.kb : 0);
	memory->total = total.kb * 1024;
	memory->available = have > reserve ? (have - reserve) * 1024 : 0;
	memory->swap = swap.kb * 1024;
	return 0;
}

static uint64_t read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	uint64_t number = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%" SCNu64, &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

/* Its pages count as page cache until the kernel tries to reclaim them. */
static bool root_is_in_ram(void)
{
	struct statfs root;

	return !statfs("/", &root) && ((uint32_t)root.f_type == RAMFS_MAGIC ||
				       (uint32_t)root.f_type == TMPFS_MAGIC);
}

/**
 * memory_look - look at this machine's memory
 * @memory: filled
 *
 * Return: 0 or -errno.
 */
int memory_look(struct memory *memory)
{
	FILE *file = fopen("/proc/meminfo", "re");
	int ret;

	if (!file)
		return -errno;
	ret = memory_parse(file, read_number("/proc/sys/vm/min_free_kbytes"),
			   !root_is_in_ram(), memory);
	fclose(file);
	return ret;
}

/* The name is field 2. The fields behind it are numbers, but for the state. */
static int take_fields(const char *name_end, struct process_look *look)
{
	const char *at = name_end;
	int field;

	for (field = 3; (at = strchr(at, ' ')) && field <= STAT_START;
	     field++) {
		uint64_t value = strtoull(++at, NULL, 10);

		if (field == STAT_PARENT)
			look->parent = (pid_t)value;
		else if (field == STAT_THREADS)
			look->threads = (uint32_t)value;
		else if (field == STAT_START)
			look->start = value;
	}
	return field > STAT_START ? 0 : -EINVAL;
}

/**
 * process_parse_stat - read /proc/PID/stat
 * @text: its line
 * @look: filled but for the pages
 *
 * The name stands in parentheses, and may contain parentheses itself.
 *
 * Return: 0 or -EINVAL.
 */
int process_parse_stat(const char *text, struct process_look *look)
{
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	size_t length;

	if (!open || !close || close < open)
		return -EINVAL;
	length = (size_t)(close - open) - 1;
	if (length >= sizeof(look->name))
		length = sizeof(look->name) - 1;
	memcpy(look->name, open + 1, length);
	look->name[length] = '\0';
	return take_fields(close, look);
}

static int read_text(pid_t pid, const char *what, char *text, int size)
{
	char path[64];
	FILE *file;
	bool got;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	file = fopen(path, "re");
	if (!file)
		return -ESRCH;
	got = fgets(text, size, file);
	fclose(file);
	return got ? 0 : -ESRCH;
}

/**
 * process_look - look at a process
 * @pid: of the process
 * @look: filled
 *
 * Return: 0, or -ESRCH when it has ended; a zombie has.
 */
int process_look(pid_t pid, struct process_look *look)
{
	unsigned long resident, shared;
	char text[1024];
	int ret;

	ret = read_text(pid, "stat", text, sizeof(text));
	if (!ret)
		ret = process_parse_stat(text, look) ? -ESRCH : 0;
	if (!ret && strstr(text, ") Z "))
		ret = -ESRCH;
	if (!ret)
		ret = read_text(pid, "statm", text, sizeof(text));
	if (ret)
		return ret;
	if (sscanf(text, "%*u %lu %lu", &resident, &shared) != 2)
		return -ESRCH;
	look->pages = resident > shared ? resident - shared : 0;
	look->file_pages = shared;
	return 0;
}
