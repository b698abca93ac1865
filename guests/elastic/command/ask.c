// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ask.h"

static int call_manager(void)
{
	struct sockaddr_un at = {
		.sun_family = AF_UNIX,
		.sun_path = CONTROL_SOCKET,
	};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	if (!connect(fd, (struct sockaddr *)&at, sizeof(at)))
		return fd;
	error = errno;
	close(fd);
	return -error;
}

static pid_t pid_at(int fd)
{
	socklen_t length = sizeof(struct ucred);
	struct ucred who;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) ? 0 :
									who.pid;
}

/**
 * ask - ask the manager of this node
 * @request: all of it but the version
 * @reply: its answer, an error of its own included
 * @manager: its pid, or NULL
 *
 * Return: 0, or -errno when there is none, -EPROTO when it gives no answer.
 */
int ask(struct control_request *request, struct control_reply *reply,
	pid_t *manager)
{
	int fd = call_manager();
	ssize_t got;

	if (fd < 0)
		return fd;
	if (manager)
		*manager = pid_at(fd);
	request->version = CONTROL_VERSION;
	send(fd, request, sizeof(*request), MSG_NOSIGNAL);
	do {
		got = recv(fd, reply, sizeof(*reply), 0);
	} while (got < 0 && errno == EINTR);
	close(fd);
	if (got < (ssize_t)offsetof(struct control_reply, rows) ||
	    reply->version != CONTROL_VERSION)
		return -EPROTO;
	return 0;
}
