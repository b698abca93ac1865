// SPDX-License-Identifier: GPL-2.0-only
/* What trials need that take one end of a connection to the kernel: speak.h. */
#define _GNU_SOURCE
#include "speak.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "elasticos_ioctl.h"

#define PATIENCE_MS 20000
#define LOOKS       1000 /* for the end of a child */
#define LOOK_US     20000

struct eos_wire_hello machine;

void die(const char *what)
{
	perror(what);
	exit(1);
}

uint32_t checksum(const void *data, size_t size)
{
	const uint8_t *at = data;
	uint32_t crc = ~0U;

	while (size--) {
		crc ^= *at++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc;
}

void connection(int ends[2])
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&at, &size))
		die("listen");
	ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(ends[0], (struct sockaddr *)&at, sizeof(at)))
		die("connect");
	ends[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (ends[1] < 0)
		die("accept");
	close(listener);
}

void put(int fd, const void *data, size_t size)
{
	if (send(fd, data, size, MSG_NOSIGNAL) < 0)
		return;
}

bool take(int fd, void *data, size_t size)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	if (poll(&ready, 1, PATIENCE_MS) < 1)
		return false;
	return recv(fd, data, size, MSG_WAITALL) == (ssize_t)size;
}

void fill_header(struct eos_header *header, uint8_t type, uint32_t length,
		 uint32_t sequence)
{
	*header = (struct eos_header){
		.magic = EOS_MAGIC,
		.version = EOS_VERSION,
		.type = type,
		.length = length,
		.sequence = sequence,
		.room = 1 << 20,
	};
	header->crc = checksum(header, offsetof(struct eos_header, crc));
}

void put_message(int fd, uint8_t type, const void *body, uint32_t length,
		 uint32_t sequence)
{
	struct eos_header header;

	fill_header(&header, type, length, sequence);
	put(fd, &header, sizeof(header));
	if (length)
		put(fd, body, length);
}

void put_hello(int fd, uint8_t from, uint8_t to)
{
	struct eos_wire_hello hello = machine;

	hello.from = from;
	hello.to = to;
	put_message(fd, EOS_HELLO, &hello, sizeof(hello), 0);
}

bool take_hello(int fd)
{
	struct eos_header header;

	return take(fd, &header, sizeof(header)) && header.type == EOS_HELLO &&
	       take(fd, &machine, sizeof(machine));
}

pid_t begin_shell(const int ends[2], unsigned int lease_ms)
{
	return begin_adopted(ends, &(const struct eos_adopt){
					   .cookie = 0xf022,
					   .node = 1,
					   .fd = ends[1],
					   .lease_ms = lease_ms,
					   .budget = 64,
				   });
}

pid_t begin_adopted(const int ends[2], const struct eos_adopt *adopt)
{
	int device = open("/dev/elasticos", O_RDWR | O_CLOEXEC);
	pid_t child = fork();

	if (child) {
		close(device);
		return child;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* otherwise our end would stay open as long as the child lives */
	close(ends[0]);
	ioctl(device, EOS_IOC_ADOPT, adopt);
	_exit(1);
}

pid_t begin_victim(void)
{
	pid_t child = fork();
	char *memory;

	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	memory = mmap(NULL, 256 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (uint32_t i = 0;; i++)
		memory[i * 2654435761U % (256 * PAGE)]++;
}

int end_of(pid_t child)
{
	int status;

	for (int i = 0; i < LOOKS; i++) {
		if (waitpid(child, &status, WNOHANG) == child)
			return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		usleep(LOOK_US);
	}
	return 0;
}
