// SPDX-License-Identifier: GPL-2.0-only
/*
 * resident PROGRAM [ARGUMENT]... - runs a program, and prints on standard error
 * how many bytes it had resident at most. Exits with the program's status.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage usage;
	pid_t child;
	int status;

	if (argc < 2)
		return 64;
	child = fork();
	if (!child) {
		execv(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
		perror("resident");
		return 71;
	}
	fprintf(stderr, "%ld\n", usage.ru_maxrss * 1024);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
