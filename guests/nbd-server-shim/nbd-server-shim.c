// SPDX-License-Identifier: GPL-2.0-only
/*
 * nbd-server-shim.so - preloaded into Debian's nbd-server 3.24, has it serve at
 * once, and has it work on 2.6.38
 *
 * Before it accepts its first connection, the server makes Diffie-Hellman
 * parameters for TLS, whether TLS is configured or not. That takes a second on
 * a real processor, and a minute or two on an emulated one.
 *
 * The server makes its thread pool first, and forks for each connection after
 * that. GLib's pools survive a fork only where new threads can be given
 * scheduling attributes. Before Linux 3.14 they cannot. The pool then waits for
 * a thread that has stayed in the parent, and no request is ever answered.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

/* The first fields of struct sched_attr, version 0; see sched_setattr(2). */
struct attributes {
	uint32_t size;
	uint32_t policy;
};

/* SCHED_ATTR_SIZE_VER0 of the kernel's sched/types.h. */
#define ATTRIBUTES_BYTES 48

int gnutls_dh_params_generate2(void *params, unsigned int bits);
long syscall(long number, ...);

/**
 * gnutls_dh_params_generate2 - claim that the parameters have been made
 * @params: parameters that nothing will use: TLS must not be configured
 * @bits: their size
 *
 * Return: 0, GNUTLS_E_SUCCESS.
 */
int gnutls_dh_params_generate2(void *params, unsigned int bits)
{
	(void)params;
	(void)bits;
	return 0;
}

static long enter_kernel(long number, const long argument[6])
{
	register long r10 __asm__("r10") = argument[3];
	register long r8 __asm__("r8") = argument[4];
	register long r9 __asm__("r9") = argument[5];
	long result = number;

	__asm__ volatile("syscall"
			 : "+a"(result)
			 : "D"(argument[0]), "S"(argument[1]), "d"(argument[2]),
			   "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

/* The attributes of every thread of a kernel that has no sched_getattr. */
static long default_attributes(struct attributes *attributes,
			       unsigned long bytes)
{
	if (bytes < ATTRIBUTES_BYTES)
		return -EINVAL;
	memset(attributes, 0, ATTRIBUTES_BYTES);
	attributes->size = ATTRIBUTES_BYTES;
	return 0;
}

/**
 * syscall - syscall(2), with sched_getattr and sched_setattr on every kernel
 * @number: as for the C library's function
 *
 * Where the kernel has neither, all threads have the default attributes, and
 * setting them succeeds without effect.
 *
 * Return: the call's result, or -1 with errno set.
 */
long syscall(long number, ...)
{
	long argument[6];
	long result;
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		argument[i] = va_arg(list, long);
	va_end(list);

	result = enter_kernel(number, argument);
	if (result == -ENOSYS && number == SYS_sched_getattr)
		result = default_attributes((struct attributes *)argument[1],
					    (uint32_t)argument[2]);
	if (result == -ENOSYS && number == SYS_sched_setattr)
		result = 0;
	if (result < 0 && result > -4096) {
		errno = (int)-result;
		return -1;
	}
	return result;
}
