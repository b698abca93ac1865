// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tell.h"

/*
 * Opens a process's standard error. It is opened as the process's user would
 * open it, and only if the process can write to it: a program must not have
 * root write to a file that it could not write to itself.
 */
static int open_standard_error(pid_t pid)
{
	struct stat user, link;
	char place[32], path[48];
	int fd = -1;

	snprintf(place, sizeof(place), "/proc/%d", (int)pid);
	snprintf(path, sizeof(path), "/proc/%d/fd/2", (int)pid);
	if (stat(place, &user) || lstat(path, &link) ||
	    !(link.st_mode & S_IWUSR))
		return -1;
	setfsgid(user.st_gid);
	setfsuid(user.st_uid);
	fd = open(path,
		  O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	setfsuid(geteuid());
	setfsgid(getegid());
	return fd;
}

/**
 * tell - write a line to a process's standard error
 * @process: the process
 * @what: about it
 *
 * `elastic run` has become the program, so its standard error is the program's.
 * Nothing is written where that is closed, a socket, or a pipe that is full.
 */
void tell(const struct process *process, const char *what)
{
	int fd = open_standard_error(process->pid);

	if (fd < 0)
		return;
	dprintf(fd, "elastic: %d (%s) %s\n", (int)process->pid, process->name,
		what);
	close(fd);
}
