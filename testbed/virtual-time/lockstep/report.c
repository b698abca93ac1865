// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static void end_line(void)
{
	puts("}");
	/* Whoever started us has gone. */
	if (fflush(stdout) != 0)
		exit(1);
}

/*
 * Bytes are taken for characters of Latin-1, so that each of them comes back.
 */
static void text(const void *bytes, size_t length)
{
	const uint8_t *byte = bytes;

	putchar('"');
	for (size_t i = 0; i < length; i++) {
		if (byte[i] < ' ' || byte[i] >= 0x7f || byte[i] == '"' ||
		    byte[i] == '\\')
			printf("\\u%04x", byte[i]);
		else
			putchar(byte[i]);
	}
	putchar('"');
}

static void counters(const char *name, const uint64_t *bytes, uint32_t ports)
{
	printf(",\"%s\":[", name);
	for (uint32_t port = 1; port <= ports; port++)
		printf("%s%" PRIu64, port > 1 ? "," : "", bytes[port]);
	putchar(']');
}

static uint64_t frames_sent(const struct network *network)
{
	uint64_t frames = 0;

	for (uint32_t port = 1; port <= network->ports; port++)
		frames += network->up[port].frames;
	return frames;
}

void say_listening(void)
{
	printf("{\"listening\":true");
	end_line();
}

void say_output(const struct event *output, const char *stream,
		const struct network *network)
{
	printf("{\"at\":%" PRId64 ",\"port\":%u,\"%s\":", output->time,
	       output->port, stream);
	text(output->bytes, output->length);
	if (!strcmp(stream, "report")) {
		counters("sent", network->sent, network->ports);
		counters("received", network->received, network->ports);
		printf(",\"frames\":%" PRIu64, frames_sent(network));
	}
	end_line();
}

void say_crashed(int64_t at, uint32_t port)
{
	printf("{\"at\":%" PRId64 ",\"port\":%u,\"crashed\":true", at, port);
	end_line();
}

void say_paused(int64_t at, uint32_t port)
{
	printf("{\"at\":%" PRId64 ",\"port\":%u,\"paused\":true", at, port);
	end_line();
}

void say_left(int64_t at, uint32_t port, const char *why)
{
	printf("{\"at\":%" PRId64 ",\"port\":%u,\"left\":", at, port);
	text(why, strlen(why));
	end_line();
}

void say_now(int64_t now, const uint32_t *waiting, uint32_t count)
{
	printf("{\"now\":%" PRId64 ",\"waiting\":[", now);
	for (uint32_t i = 0; i < count; i++)
		printf("%s%u", i > 0 ? "," : "", waiting[i]);
	putchar(']');
	end_line();
}

void say_over(int64_t at, const char *why, uint64_t rounds)
{
	printf("{\"at\":%" PRId64 ",\"over\":", at);
	text(why, strlen(why));
	printf(",\"rounds\":%" PRIu64, rounds);
	end_line();
}
