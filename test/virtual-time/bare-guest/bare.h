/* SPDX-License-Identifier: MIT */
/*
 * What guests without a kernel have in common: they start at main(), in 32
 * bits, and print to the first serial port.
 */
#ifndef BARE_H
#define BARE_H

#include <stdint.h>

void print(const char *text);
void print_number(uint32_t number);

static inline void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

#endif
