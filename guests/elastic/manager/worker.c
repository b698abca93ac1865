// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker.h"

/**
 * worker_start - start a worker
 * @manager_end: filled: the channel by which its reports arrive
 * @work: what it runs; the worker ends when this returns
 * @argument: for @work
 *
 * Return: the child's pid or -errno.
 */
pid_t worker_start(struct worker_channel *manager_end,
		   void (*work)(struct worker_channel *channel, void *argument),
		   void *argument)
{
	struct worker_channel own;
	int ends[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	child = fork();
	if (child < 0) {
		child = -errno;
		close(ends[0]);
		close(ends[1]);
		return child;
	}
	if (child == 0) {
		close(ends[0]);
		own.fd = ends[1];
		/* the manager ignores SIGCHLD; a worker waits for its child */
		signal(SIGCHLD, SIG_DFL);
		work(&own, argument);
		_exit(0);
	}
	close(ends[1]);
	manager_end->fd = ends[0];
	return child;
}

/**
 * worker_report - send the manager a report
 * @channel: to the manager; it does not matter if that has ended
 * @report: to send
 */
void worker_report(struct worker_channel *channel, const struct report *report)
{
	send(channel->fd, report, sizeof(*report), MSG_NOSIGNAL);
}

/**
 * worker_result - send the last report
 * @channel: to the manager
 * @error: 0 or a positive errno
 * @format: what it is about
 */
void worker_result(struct worker_channel *channel, int error,
		   const char *format, ...)
{
	struct report report = { .type = REPORT_RESULT, .error = error };
	va_list list;

	va_start(list, format);
	vsnprintf(report.text, sizeof(report.text), format, list);
	va_end(list);
	worker_report(channel, &report);
}

/**
 * worker_grant - have the manager set pages aside
 * @channel: to the manager, which knows what all workers have been given
 * @pages: how many are wanted, or BUDGET_...
 *
 * Return: pages, BUDGET_NONE, or 0 when nothing can be lent.
 */
uint32_t worker_grant(struct worker_channel *channel, uint32_t pages)
{
	struct report report = { .type = REPORT_WANT, .pages = pages };

	worker_report(channel, &report);
	return worker_read(channel, &report) ? 0 : report.pages;
}

/**
 * worker_read - read the next report, or the answer to one
 * @channel: to the other side
 * @report: filled
 *
 * Return: 0, or -EPIPE when there will be none.
 */
int worker_read(struct worker_channel *channel, struct report *report)
{
	ssize_t got;

	do {
		got = recv(channel->fd, report, sizeof(*report), 0);
	} while (got < 0 && errno == EINTR);
	return got == sizeof(*report) ? 0 : -EPIPE;
}
