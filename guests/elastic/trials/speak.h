/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For trials that take one end of a connection themselves and speak to the
 * kernel as another node would.
 */
#ifndef SPEAK_H
#define SPEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "elasticos_ioctl.h"
#include "wire.h"

#define PAGE 4096

/* What a kernel here says of itself; take_hello() fills it in. */
extern struct eos_wire_hello machine;

void __attribute__((noreturn)) die(const char *what);
uint32_t checksum(const void *data, size_t size);

/* Two ends of a TCP connection: the kernel takes no other. */
void connection(int ends[2]);

/* The other end may have closed the connection: that is no error. */
void put(int fd, const void *data, size_t size);

/* Returns whether all of it came, and soon. */
bool take(int fd, void *data, size_t size);

void fill_header(struct eos_header *header, uint8_t type, uint32_t length,
		 uint32_t sequence);
void put_message(int fd, uint8_t type, const void *body, uint32_t length,
		 uint32_t sequence);
void put_hello(int fd, uint8_t from, uint8_t to);
bool take_hello(int fd);

/* Starts a shell at the second of two ends. */
pid_t begin_shell(const int ends[2], unsigned int lease_ms);
pid_t begin_adopted(const int ends[2], const struct eos_adopt *adopt);

/* Starts a process that writes to more memory than it may keep, for ever. */
pid_t begin_victim(void);

/* Waits for an end, but not for ever. Returns the signal that it was, or 0. */
int end_of(pid_t child);

#endif
