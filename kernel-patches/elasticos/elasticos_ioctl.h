/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What the manager asks of /dev/elasticos. Needs CAP_SYS_ADMIN.
 */
#ifndef _ELASTICOS_IOCTL_H
#define _ELASTICOS_IOCTL_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define EOS_NODES	8	/* nodes of one process, home is node 0 */

/* How the process decides where to execute. */
enum eos_mode {
	EOS_MODE_ADAPTIVE,	/* jump while it pays, @threshold is the start */
	EOS_MODE_THRESHOLD,	/* jump for @threshold pages of one node */
	EOS_MODE_STICKY,	/* never jump, only pull */
	EOS_MODE_MIGRATE,	/* everything moves to @target and stays there */
	EOS_MODES
};

struct eos_policy {
	__u32 mode;		/* enum eos_mode */
	__u32 threshold;	/* pulls, 1..1048576 */
	__u32 target;		/* node, for EOS_MODE_MIGRATE */
	__u32 window;		/* pages read ahead at most, 1..64 */
};

/*
 * Requests name a process by its pid and by @born, its start time in clock ticks
 * as field 22 of /proc/PID/stat has it: who has the pid by now is not taken for
 * who had it. -ESRCH: there is no such process. With 0 the pid alone counts.
 */

/*
 * What seals a connection: all that the kernels say on it is encrypted and
 * authenticated by AES-256-GCM. Both ends have to agree, and nobody else may
 * know the keys. They differ, and neither may ever be used for another
 * connection.
 */
#define EOS_KEY_BYTES	32

struct eos_keys {
	__u8 out[EOS_KEY_BYTES];	/* for what is sent from here */
	__u8 in[EOS_KEY_BYTES];		/* for what comes here */
};

/*
 * Stretch process @pid to @node over the connected TCP socket @fd. The kernel
 * takes a reference to the socket; close yours. Waits until the process passes
 * a return to user space, at most @timeout_ms. When all its nodes are full, it
 * waits at its budget for another, at most @patience_ms.
 * -EBUSY: its address space is shared, or it is stretched to @node already.
 * -EINVAL: @fd is something else, or serves another process already.
 */
struct eos_stretch {
	__u64 born;
	__u64 keys;		/* pointer to struct eos_keys, 0 to be plain */
	__s32 pid;
	__u32 node;		/* 1..EOS_NODES-1 */
	__s32 fd;
	__u32 timeout_ms;
	__u32 budget;		/* pages resident here, 0 for no limit */
	__u32 lease_ms;		/* silence after which a node is lost */
	__u32 patience_ms;
	struct eos_policy policy;
};

/*
 * Process @pid is to be stretched when it needs more than @budget, whatever
 * program it executes by then. It waits there until it is, but in all at most
 * @patience_ms; with 0 it waits no longer, also for a further node. As long as
 * the kernel knows it, it may reserve @reserve pages, if that is more than this
 * machine has.
 * -EBUSY: its address space is shared.
 */
struct eos_hold {
	__u64 born;
	__s32 pid;
	__u32 budget;		/* pages resident here */
	__u32 patience_ms;
	__u32 lease_ms;		/* for the nodes to come */
	__u64 reserve;		/* pages that all nodes together can hold */
};

/*
 * The caller becomes the shell of @node for the process at the other end of
 * @fd: its own memory is unmapped and it never returns to its program.
 */
struct eos_adopt {
	__u64 cookie;		/* names the process for EOS_IOC_JOIN */
	__u64 keys;		/* as in struct eos_stretch */
	__u32 node;
	__s32 fd;
	__u32 budget;
	__u32 lease_ms;
};

/* Join the shell here to the shell of the same process on another node. */
struct eos_join {
	__u64 cookie;
	__u64 keys;		/* as in struct eos_stretch; all are sealed, or none */
	__u32 node;		/* at the other end of @fd */
	__s32 fd;
};

/* Bring everything home and end the shells. */
struct eos_contract {
	__u64 born;
	__s32 pid;
	__u32 timeout_ms;
};

struct eos_set_policy {
	__u64 born;
	__s32 pid;
	__u32 budget;		/* ~0 to leave it */
	struct eos_policy policy;
};

/* What is at each of @count pages from @start: one byte per page. */
#define EOS_MAP_NONE	0x00	/* nothing known here */
#define EOS_MAP_HERE	0x01	/* present */
#define EOS_MAP_SWAP	0x02	/* in local swap, or another kind of entry */
#define EOS_MAP_ZERO	0x03	/* owned here, all zeroes, no page yet */
#define EOS_MAP_NODE	0x10	/* 0x10 + node: believed to be there */

struct eos_map {
	__u64 born;
	__s32 pid;		/* of the process at home, of its shell elsewhere */
	__u32 count;		/* at most 65536 */
	__u64 start;
	__u64 states;		/* pointer to @count bytes */
};

#define EOS_IOC_STRETCH		_IOW('e', 0x40, struct eos_stretch)
#define EOS_IOC_ADOPT		_IOW('e', 0x41, struct eos_adopt)
#define EOS_IOC_JOIN		_IOW('e', 0x42, struct eos_join)
#define EOS_IOC_CONTRACT	_IOW('e', 0x43, struct eos_contract)
#define EOS_IOC_POLICY		_IOW('e', 0x44, struct eos_set_policy)
#define EOS_IOC_MAP		_IOW('e', 0x45, struct eos_map)
#define EOS_IOC_HOLD		_IOW('e', 0x46, struct eos_hold)

#endif
