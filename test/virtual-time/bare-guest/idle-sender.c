// SPDX-License-Identifier: MIT
/*
 * A guest that is nothing but this: it sends some frames by a virtio NIC, halts
 * after each until the NIC's interrupt says that it is sent, and prints how
 * many nanoseconds that took.
 */
#include "bare.h"

#define FRAMES 5

/* Ports of the PC. */
#define PCI_ADDRESS 0xcf8
#define PCI_DATA    0xcfc
#define MASTER_PIC  0x20
#define SLAVE_PIC   0xa0

/*
 * The NIC's registers (Virtual I/O Device 1.0, 4.1.4.8), relative to its first
 * base address.
 */
#define VIRTIO_NET       0x10001af4
#define QUEUE_PAGE       8
#define QUEUE_SELECT     14
#define QUEUE_NOTIFY     16
#define STATUS           18
#define INTERRUPT_STATUS 19
#define DRIVER_OK        7 /* with those that come before it */
#define TRANSMIT         1
#define NEXT             1

static struct {
	struct {
		uint64_t address;
		uint32_t length;
		uint16_t flags;
		uint16_t next;
	} descriptors[256];
	struct {
		uint16_t flags;
		uint16_t index;
		uint16_t ring[256];
	} available;
	/* The used ring is on a page of its own. */
	uint8_t rest[8192];
} __attribute__((aligned(4096))) queue;

static struct {
	uint16_t low;
	uint16_t selector;
	uint16_t type;
	uint16_t high;
} interrupts[256];

static uint8_t header[10];
static uint8_t frame[60] = { 255,  255,  255, 255,  255, 255,
			     0x52, 0x54, 0,   0x77, 0,   1 };
static uint16_t nic;
static volatile uint64_t interrupted_at;

static void out16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

static void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

static uint32_t in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

/* Nanoseconds, for an instruction takes one. */
static uint64_t now(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

static uint32_t read_pci(uint32_t device, uint32_t offset)
{
	out32(PCI_ADDRESS, 1u << 31 | device << 11 | offset);
	return in32(PCI_DATA);
}

struct interrupt_frame;

static __attribute__((interrupt)) void
on_interrupt(struct interrupt_frame *frame)
{
	(void)frame;
	interrupted_at = now();
	in8(nic + INTERRUPT_STATUS);
	out8(SLAVE_PIC, 0x20);
	out8(MASTER_PIC, 0x20);
}

/*
 * All of the PIC's lines are one handler's; it is the NIC's alone that is not
 * masked.
 */
static void take_interrupts(uint32_t line)
{
	static struct {
		uint16_t limit;
		void *base;
	} __attribute__((packed))
	table = { sizeof(interrupts) - 1, interrupts };
	uint16_t masked = ~(1u << line | 1u << 2);

	for (int vector = 0x20; vector < 0x30; vector++) {
		interrupts[vector].low = (uint32_t)on_interrupt;
		interrupts[vector].high = (uint32_t)on_interrupt >> 16;
		interrupts[vector].selector = 8;
		interrupts[vector].type = 0x8e00;
	}
	__asm__ volatile("lidt %0" ::"m"(table));
	for (int slave = 0; slave < 2; slave++) {
		uint16_t pic = slave ? SLAVE_PIC : MASTER_PIC;

		out8(pic, 0x11);
		out8(pic + 1, slave ? 0x28 : 0x20);
		out8(pic + 1, slave ? 2 : 4);
		out8(pic + 1, 1);
		out8(pic + 1, slave ? masked >> 8 : masked);
	}
}

static int find_nic(void)
{
	for (uint32_t device = 0; device < 32; device++) {
		if (read_pci(device, 0) != VIRTIO_NET)
			continue;
		nic = read_pci(device, 0x10) & ~3;
		take_interrupts(read_pci(device, 0x3c) & 0xff);
		/* It answers at its ports, and may write memory. */
		read_pci(device, 4);
		out32(PCI_DATA, 5);
		return 1;
	}
	return 0;
}

static void prepare_queue(void)
{
	queue.descriptors[0].address = (uint32_t)header;
	queue.descriptors[0].length = sizeof(header);
	queue.descriptors[0].flags = NEXT;
	queue.descriptors[0].next = 1;
	queue.descriptors[1].address = (uint32_t)frame;
	queue.descriptors[1].length = sizeof(frame);
	out8(nic + STATUS, 0);
	out16(nic + QUEUE_SELECT, TRANSMIT);
	out32(nic + QUEUE_PAGE, (uint32_t)&queue / 4096);
	out8(nic + STATUS, DRIVER_OK);
}

static uint32_t send(void)
{
	uint64_t began;

	interrupted_at = 0;
	queue.available.index++;
	began = now();
	out16(nic + QUEUE_NOTIFY, TRANSMIT);
	while (!interrupted_at)
		__asm__ volatile("sti\n\thlt\n\tcli" ::: "memory");
	return interrupted_at - began;
}

void main(void)
{
	if (!find_nic()) {
		print("no NIC\n");
		return;
	}
	prepare_queue();
	for (int i = 0; i < FRAMES; i++) {
		print("sent within ");
		print_number(send());
		print(" ns\n");
	}
}
