/* SPDX-License-Identifier: GPL-2.0-only */
/* TCP connections on which every wait has a deadline. */
#ifndef STREAM_H
#define STREAM_H

#include <stddef.h>
#include <stdint.h>

/* IPv4; both in host byte order. */
struct endpoint {
	uint32_t address;
	uint16_t port;
};

int stream_listen(struct endpoint at);
int stream_dial(struct endpoint to, int64_t deadline);
int stream_read(int fd, void *buffer, size_t length, int64_t deadline);
int stream_write(int fd, const void *buffer, size_t length, int64_t deadline);
int stream_own_end(int fd, struct endpoint *end);
int stream_other_end(int fd, struct endpoint *end);

#endif
