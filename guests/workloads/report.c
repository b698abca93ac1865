// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>

#include "report.h"
#include "workload.h"

/**
 * report_print() - prints the one line of JSON
 * @report: what it says
 *
 * Seed and checksum are strings: a JSON number does not carry 64 bits.
 *
 * Return: 0, or -1 when the line could not be written, with errno.
 */
int report_print(const struct report *report)
{
	printf("{\"workload\":\"%s\",\"bytes\":%" PRIu64
	       ",\"bytesTouched\":%" PRIu64 ",\"seed\":\"%" PRIu64
	       "\",\"passes\":%u,\"checksum\":\"%016" PRIx64
	       "\",\"fillNanoseconds\":%" PRIu64
	       ",\"elapsedNanoseconds\":%" PRIu64 "}\n",
	       workload.name, report->bytes, report->bytes_touched,
	       report->seed, workload.passes, report->checksum, report->fill_ns,
	       report->elapsed_ns);
	return fflush(stdout) ? -1 : 0;
}
