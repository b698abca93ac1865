/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What travels between two nodes of a stretched process. docs/elasticos-wire.md
 * explains it; every field is little-endian.
 */
#ifndef _ELASTICOS_WIRE_H
#define _ELASTICOS_WIRE_H

#include <linux/types.h>

#define EOS_MAGIC	0x31534f45	/* "EOS1" */
#define EOS_VERSION	2

enum eos_message {
	EOS_HELLO = 1,	/* who is at each end; answered by HELLO */
	EOS_META,	/* the whole list of mappings, when it changed */
	EOS_DISCARD,	/* ranges whose pages no longer exist, or are stale */
	EOS_PULL,	/* give me this page and what follows */
	EOS_PAGES,	/* the answer: pages, or who has them */
	EOS_PUSH,	/* these pages are yours now */
	EOS_JUMP,	/* the execution is yours now */
	EOS_RECALL,	/* send the execution home */
	EOS_SYNC,	/* answer when all before this is done */
	EOS_SYNCED,
	EOS_EXIT,	/* the process has ended or left this node */
	EOS_WANT,	/* somebody at home looks at this page: push it */
	EOS_BEAT,	/* I am at it: see lease.c */
	EOS_LOST,	/* I have lost another node */
	EOS_MESSAGES
};

struct eos_header {
	__le32 magic;
	__u8 version;
	__u8 type;
	__le16 reserved;
	__le32 length;		/* of the body that follows */
	__le32 sequence;	/* of the sender on this connection, from 0 */
	__le32 room;		/* pages the sender has to spare, signed */
	__le32 reserved2[2];
	__le32 crc;		/* crc32 of the 28 bytes before */
};

/*
 * On a sealed connection all of this goes in records: @length bytes of content,
 * encrypted, then the tag, which covers both. No record has parts of two
 * messages.
 */
struct eos_wire_record {
	__le32 length;
};

#define EOS_RECORD_MOST	16320	/* bytes of content */
#define EOS_TAG_BYTES	16

#define EOS_CPU_WORDS	9	/* of CPUID; see processor.c */

/* What a program may choose its instructions by. */
struct eos_wire_processor {
	__le32 word[EOS_CPU_WORDS];
	__le32 reserved;
	__le64 xcr0;
};

struct eos_wire_hello {
	__le32 page_size;
	__le32 cpu_size;	/* longest register record */
	__le64 cpu_features;	/* XSAVE components that travel */
	struct eos_wire_processor processor;
	__le32 cpu_id;		/* crc32 of the vendor */
	__u8 from;
	__u8 to;
	__le16 lease_ds;	/* tenths of a second; home's is everybody's */
};

struct eos_wire_vma {
	__le64 start;
	__le64 end;
	__le32 prot;		/* PROT_READ | PROT_WRITE | PROT_EXEC */
	__le32 reserved;
};

struct eos_wire_range {
	__le64 start;
	__le64 end;
};

#define EOS_WINDOW_MAX	64	/* pages in one PAGES */
#define EOS_BATCH	32	/* pages in one PUSH */
#define EOS_VMAS_MAX	65536
#define EOS_RANGES_MAX	4096	/* in one DISCARD */
#define EOS_CPU_MAX	4096	/* bytes of a register record */

struct eos_wire_pull {
	__le64 address;
	__le32 count;
	__le32 keep;		/* keep what you give, if you can */
};

enum eos_kind {
	EOS_KIND_ZERO = 1,	/* all zeroes, nothing follows; as PAGE or COPY */
	EOS_KIND_PAGE,		/* moved, content follows */
	EOS_KIND_COPY,		/* read-only: a copy follows, the owner stays */
	EOS_KIND_KEPT,		/* PAGES: as PAGE, and the sender keeps it */
				/* PUSH: moved, unchanged since you kept it */
};

/* Followed by the contents of all but the zero pages. */
struct eos_wire_pages {
	__le64 address;
	__le32 count;		/* 0: ask @owner, or come if that is me */
	__le32 owner;
	__u8 kind[EOS_WINDOW_MAX];
};

/* Followed by the contents of all but the kept ones. */
struct eos_wire_push {
	__le32 count;
	__le32 reserved;
	__le64 address[EOS_BATCH];
	__u8 kind[EOS_BATCH];	/* PAGE or KEPT */
};

#define EOS_WIRE_REGS	19	/* r15 ... ax, ip, cs, flags, sp; see jump.c */

/* Processor time used since the execution left home, in ns. */
struct eos_wire_time {
	__le64 exec;		/* by the scheduler's clock */
	__le64 user;		/* by ticks */
	__le64 system;
};

/* Followed by the processor's record (arch/x86/kernel/elasticos.c). */
struct eos_wire_jump {
	__le64 epoch;		/* number of this jump */
	__le64 away;		/* number of the jump that last left home */
	__le64 ticket;		/* of this stay away; see jump.c */
	__le64 regs[EOS_WIRE_REGS];
	__le64 toll;		/* ns of paging for 1024 of work, recently */
	struct eos_wire_time time;
	__le32 mode;
	__le32 threshold;
	__le32 target;
	__le32 window;
	__le32 forced;		/* not by choice of the policy */
	__le32 cpu_size;
};

struct eos_wire_recall {
	__le64 away;
};

struct eos_wire_want {
	__le64 away;		/* as in RECALL */
	__le64 address;
};

struct eos_wire_beat {
	__le64 away;		/* as in RECALL; 0 if I do not run the process */
	struct eos_wire_time time;
};

struct eos_wire_lost {
	__le32 node;
	__le32 error;		/* errno */
};

#endif
