// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "deadline.h"
#include "stream.h"

#define BACKLOG 16

static struct sockaddr_in socket_address(struct endpoint end)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(end.port),
		.sin_addr.s_addr = htonl(end.address),
	};
}

static int new_socket(int flags)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}

static int close_with(int fd, int error)
{
	close(fd);
	return -error;
}

/**
 * stream_listen - listen for connections
 * @at: own address, 0 for all of them, and port
 *
 * Return: a non-blocking listening socket or -errno.
 */
int stream_listen(struct endpoint at)
{
	struct sockaddr_in address = socket_address(at);
	int fd = new_socket(SOCK_NONBLOCK), yes = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, BACKLOG))
		return close_with(fd, errno);
	return fd;
}

static int wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd wanted = { .fd = fd, .events = events };

	for (;;) {
		int ready = poll(&wanted, 1, ms_until(deadline));

		if (ready > 0)
			return 0;
		if (ready == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

static int connected(int fd, int64_t deadline)
{
	socklen_t length = sizeof(int);
	int error = 0, ret;

	ret = wait_for(fd, POLLOUT, deadline);
	if (ret)
		return ret;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length))
		return -errno;
	return -error;
}

/**
 * stream_dial - connect
 * @to: address and port
 * @deadline: by when
 *
 * Return: a socket or -errno.
 */
int stream_dial(struct endpoint to, int64_t deadline)
{
	struct sockaddr_in address = socket_address(to);
	int fd = new_socket(SOCK_NONBLOCK), yes = 1, ret = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		ret = errno == EINPROGRESS ? connected(fd, deadline) : -errno;
	if (ret)
		return close_with(fd, -ret);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return fd;
}

/**
 * stream_read - read a number of bytes, and no fewer
 * @fd: socket
 * @buffer: filled
 * @length: how many
 * @deadline: by when
 *
 * The bytes that follow are left in the socket: they may be for the kernel.
 *
 * Return: 0, -ECONNRESET at the end of the stream, or another -errno.
 */
int stream_read(int fd, void *buffer, size_t length, int64_t deadline)
{
	char *at = buffer;

	while (length > 0) {
		ssize_t got = recv(fd, at, length, MSG_DONTWAIT);
		int ret = 0;

		if (got == 0)
			return -ECONNRESET;
		if (got > 0) {
			at += got;
			length -= (size_t)got;
		} else if (errno == EAGAIN) {
			ret = wait_for(fd, POLLIN, deadline);
		} else if (errno != EINTR) {
			ret = -errno;
		}
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * stream_write - write a number of bytes, and no fewer
 * @fd: socket
 * @buffer: bytes
 * @length: how many
 * @deadline: by when
 *
 * Return: 0 or -errno.
 */
int stream_write(int fd, const void *buffer, size_t length, int64_t deadline)
{
	const char *at = buffer;

	while (length > 0) {
		ssize_t put = send(fd, at, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		int ret = 0;

		if (put >= 0) {
			at += put;
			length -= (size_t)put;
		} else if (errno == EAGAIN) {
			ret = wait_for(fd, POLLOUT, deadline);
		} else if (errno != EINTR) {
			ret = -errno;
		}
		if (ret)
			return ret;
	}
	return 0;
}

static void from_socket_address(const struct sockaddr_in *address,
				struct endpoint *end)
{
	end->address = ntohl(address->sin_addr.s_addr);
	end->port = ntohs(address->sin_port);
}

/**
 * stream_own_end - this machine's address and port of a connection
 * @fd: socket
 * @end: filled
 *
 * Return: 0 or -errno.
 */
int stream_own_end(int fd, struct endpoint *end)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &length))
		return -errno;
	from_socket_address(&address, end);
	return 0;
}

/**
 * stream_other_end - the other machine's address and port of a connection
 * @fd: socket
 * @end: filled
 *
 * Return: 0 or -errno.
 */
int stream_other_end(int fd, struct endpoint *end)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);

	if (getpeername(fd, (struct sockaddr *)&address, &length))
		return -errno;
	from_socket_address(&address, end);
	return 0;
}
