// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "capture.h"
#include "complain.h"

#define SECOND INT64_C(1000000000)

/*
 * https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-03.html, in this
 * machine's byte order
 */
struct file_header {
	uint32_t magic;
	uint16_t major;
	uint16_t minor;
	uint32_t reserved[2];
	uint32_t snap_length;
	uint32_t link_type;
};

struct record_header {
	uint32_t seconds;
	uint32_t nanoseconds;
	uint32_t captured;
	uint32_t length;
};

static FILE *file;
static uint32_t snap_length;
static const char *name;

static void append(const void *bytes, size_t length)
{
	if (fwrite(bytes, 1, length, file) != length)
		complain("%s: %s", name, strerror(errno));
}

void open_capture(const char *path, uint32_t most)
{
	struct file_header header = { 0xa1b23c4d, 2, 4, { 0, 0 }, most, 1 };

	name = path;
	snap_length = most;
	file = fopen(path, "wbe");
	if (!file)
		complain("%s: %s", path, strerror(errno));
	append(&header, sizeof(header));
}

void capture(const struct event *frame)
{
	struct record_header header = {
		.seconds = frame->time / SECOND,
		.nanoseconds = frame->time % SECOND,
		.captured = frame->length < snap_length ? frame->length :
							  snap_length,
		.length = frame->length,
	};

	if (!file)
		return;
	append(&header, sizeof(header));
	append(frame->bytes, header.captured);
}

void close_capture(void)
{
	if (file && fclose(file) != 0)
		complain("%s: %s", name, strerror(errno));
	file = NULL;
}
