// SPDX-License-Identifier: MIT
#include "bare.h"

#define SERIAL        0x3f8
#define SERIAL_STATUS (SERIAL + 5)
#define SERIAL_READY  0x20

/*
 * What a boot loader looks for (Multiboot 0.6.96), and a flat segment for code
 * and one for data.
 */
__asm__(".text\n"
	".align 4\n"
	".long 0x1badb002, 0, -0x1badb002\n"
	".globl _start\n"
	"_start:\n"
	"lgdt segments_pointer\n"
	"ljmp $8, $1f\n"
	"1: mov $16, %ax\n"
	"mov %ax, %ds\n"
	"mov %ax, %es\n"
	"mov %ax, %ss\n"
	"mov $stack + 4096, %esp\n"
	"call main\n"
	"2: hlt\n"
	"jmp 2b\n"
	".align 8\n"
	"segments: .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff\n"
	"segments_pointer: .word 23\n"
	".long segments\n"
	".comm stack, 4096, 16\n");

void print(const char *text)
{
	for (; *text; text++) {
		while (!(in8(SERIAL_STATUS) & SERIAL_READY))
			;
		out8(SERIAL, *text);
	}
}

void print_number(uint32_t number)
{
	char digits[11];
	char *at = digits + 10;

	*at = '\0';
	do {
		*--at = '0' + number % 10;
		number /= 10;
	} while (number > 0);
	print(at);
}
