// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trace: /proc/elasticos_trace, one line per fault on a remote page and per
 * jump, for policy studies.
 *
 *	nanoseconds pid node what address peer pages
 *
 * Nothing is recorded, and one flag tested, until somebody opens the file.
 * Reading blocks until there is something; a slow reader loses the oldest
 * records and finds a line "lost COUNT" in their place.
 */

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>

#include "session.h"
#include "trace.h"

#define EOS_TRACE_RECORDS	16384	/* a power of two */
#define EOS_TRACE_LINE		128

struct eos_record {
	u64 time;
	unsigned long address;
	pid_t pid;
	u8 node;
	u8 what;
	u8 peer;
	u8 pages;
};

bool eos_tracing __read_mostly;

static struct eos_record *eos_ring;
static u64 eos_written, eos_read;
static DEFINE_SPINLOCK(eos_ring_lock);
static DECLARE_WAIT_QUEUE_HEAD(eos_ring_wait);
static unsigned long eos_trace_open;	/* bit 0: there is a reader */

static const char *const eos_trace_names[] = {
	[EOS_TRACE_PULL] = "pull",
	[EOS_TRACE_ZERO] = "zero",
	[EOS_TRACE_COPY] = "copy",
	[EOS_TRACE_PUSH] = "push",
	[EOS_TRACE_JUMP] = "jump",
	[EOS_TRACE_FORCED] = "forced",
	[EOS_TRACE_ARRIVE] = "arrive",
};

/**
 * eos_trace_record - what eos_trace() does when somebody listens
 * @s: session
 * @what: happened
 * @address: page, or instruction for a jump
 * @peer: other node
 * @pages: how many
 */
void eos_trace_record(struct eos_session *s, enum eos_trace what,
		      unsigned long address, unsigned int peer,
		      unsigned int pages)
{
	struct eos_record record = {
		.time = eos_now(),
		.address = address,
		.pid = task_pid_nr(s->task),
		.node = s->self,
		.what = what,
		.peer = peer,
		.pages = pages,
	};

	spin_lock(&eos_ring_lock);
	if (eos_ring)
		eos_ring[eos_written++ % EOS_TRACE_RECORDS] = record;
	spin_unlock(&eos_ring_lock);
	wake_up(&eos_ring_wait);
}

/* The oldest record not read yet; the number lost before it, 0 for none. */
static bool eos_trace_take(struct eos_record *record, u64 *lost)
{
	bool found = false;

	spin_lock(&eos_ring_lock);
	*lost = 0;
	if (eos_written - eos_read > EOS_TRACE_RECORDS) {
		*lost = eos_written - eos_read - EOS_TRACE_RECORDS;
		eos_read += *lost;
	}
	if (eos_read != eos_written) {
		*record = eos_ring[eos_read++ % EOS_TRACE_RECORDS];
		found = true;
	}
	spin_unlock(&eos_ring_lock);
	return found;
}

static int eos_trace_format(char *line, const struct eos_record *record,
			    u64 lost)
{
	int length = 0;

	if (lost)
		length = scnprintf(line, EOS_TRACE_LINE, "lost %llu\n",
				   (unsigned long long)lost);
	return length + scnprintf(line + length, EOS_TRACE_LINE - length,
				  "%llu %d %u %s %lx %u %u\n",
				  (unsigned long long)record->time, record->pid,
				  record->node, eos_trace_names[record->what],
				  record->address, record->peer, record->pages);
}

static ssize_t eos_trace_read(struct file *file, char __user *buffer,
			      size_t size, loff_t *position)
{
	struct eos_record record;
	char line[EOS_TRACE_LINE];
	size_t done = 0;
	u64 lost;
	int length;

	if (size < sizeof(line))
		return -EINVAL;
	if (wait_event_interruptible(eos_ring_wait, eos_read != eos_written))
		return -ERESTARTSYS;
	while (size - done >= sizeof(line) && eos_trace_take(&record, &lost)) {
		length = eos_trace_format(line, &record, lost);
		if (copy_to_user(buffer + done, line, length))
			return done ? done : -EFAULT;
		done += length;
	}
	return done;
}

static int eos_trace_file_open(struct inode *inode, struct file *file)
{
	struct eos_record *ring;

	if (test_and_set_bit(0, &eos_trace_open))
		return -EBUSY;
	ring = vmalloc(EOS_TRACE_RECORDS * sizeof(*ring));
	if (!ring) {
		clear_bit(0, &eos_trace_open);
		return -ENOMEM;
	}
	spin_lock(&eos_ring_lock);
	eos_ring = ring;
	eos_read = eos_written;
	spin_unlock(&eos_ring_lock);
	eos_tracing = true;
	return nonseekable_open(inode, file);
}

static int eos_trace_file_release(struct inode *inode, struct file *file)
{
	struct eos_record *ring;

	eos_tracing = false;
	spin_lock(&eos_ring_lock);
	ring = eos_ring;
	eos_ring = NULL;
	spin_unlock(&eos_ring_lock);
	vfree(ring);
	clear_bit(0, &eos_trace_open);
	return 0;
}

static const struct proc_ops eos_trace_ops = {
	.proc_open = eos_trace_file_open,
	.proc_read = eos_trace_read,
	.proc_lseek = no_llseek,
	.proc_release = eos_trace_file_release,
};

/**
 * eos_trace_init - make /proc/elasticos_trace
 *
 * Return: 0 or -ENOMEM.
 */
int eos_trace_init(void)
{
	return proc_create("elasticos_trace", 0400, NULL, &eos_trace_ops) ?
		       0 : -ENOMEM;
}

/**
 * eos_trace_exit - take /proc/elasticos_trace away
 */
void eos_trace_exit(void)
{
	remove_proc_entry("elasticos_trace", NULL);
}
