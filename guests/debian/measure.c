// SPDX-License-Identifier: GPL-2.0-only
/*
 * measure - says what a program has used
 *
 *	measure FILE COMMAND [ARGUMENT...]
 *
 * COMMAND is found in PATH and has this program's input and output. FILE gets
 * one JSON object: its wait status, the nanoseconds from its start to its end,
 * and the most memory that it had at once, in bytes. The exit status is that of
 * COMMAND, or 128 and its signal.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(125);
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int64_t began;
	int64_t nanoseconds;
	int status;
	pid_t pid;
	FILE *file;

	if (argc < 3) {
		fputs("usage: measure FILE COMMAND [ARGUMENT...]\n", stderr);
		return 64;
	}
	began = now();
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		die(argv[2]);
	}
	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait4");
	nanoseconds = now() - began;

	file = fopen(argv[1], "w");
	if (!file)
		die(argv[1]);
	fprintf(file, "{\"status\":%d,\"nanoseconds\":%" PRId64, status,
		nanoseconds);
	fprintf(file, ",\"peakBytes\":%lld}\n", usage.ru_maxrss * 1024LL);
	if (fclose(file))
		die(argv[1]);
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}
