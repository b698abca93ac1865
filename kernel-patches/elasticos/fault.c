// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault points, for tests: something goes wrong once, at a chosen step of the
 * protocol. Only with CONFIG_ELASTICOS_DEBUG.
 *
 *	echo "sent PULL 3 kill" >/proc/elasticos_fault
 *
 * The place is send, sent or received; the third PULL there from now on is
 * meant. kill sends SIGKILL to the process, cut breaks the connection, stall
 * takes a second, hang stops the task where it is, out of reach of signals,
 * until the file is written to again. keep, only with "sent PUSH", leaves a
 * copy of a pushed page behind, which the checker has to find, and stops the
 * process. refuse, only with "send JUMP", has the registers be such that cannot
 * travel. "show HELLO" is no step of the protocol: /proc/elasticos is about to
 * look at a connection, and can only be made to stall. Reading tells whether a
 * fault is still to come (armed) or not (done).
 */

#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "fault.h"

enum eos_fault_action {
	EOS_FAULT_KILL,
	EOS_FAULT_CUT,
	EOS_FAULT_STALL,
	EOS_FAULT_HANG,
	EOS_FAULT_KEEP,
	EOS_FAULT_REFUSE,
	EOS_FAULT_ACTIONS
};

static const char *const eos_fault_places[EOS_FAULT_PLACES] = {
	[EOS_FAULT_SEND] = "send",
	[EOS_FAULT_SENT] = "sent",
	[EOS_FAULT_RECEIVED] = "received",
	[EOS_FAULT_SHOW] = "show",
};

static const char *const eos_fault_actions[EOS_FAULT_ACTIONS] = {
	[EOS_FAULT_KILL] = "kill",
	[EOS_FAULT_CUT] = "cut",
	[EOS_FAULT_STALL] = "stall",
	[EOS_FAULT_HANG] = "hang",
	[EOS_FAULT_KEEP] = "keep",
	[EOS_FAULT_REFUSE] = "refuse",
};

/* Protects: eos_fault_armed. */
static DEFINE_SPINLOCK(eos_fault_lock);
static struct {
	enum eos_fault_place place;
	enum eos_message type;
	enum eos_fault_action action;
	unsigned int left;	/* 0: nothing is armed */
	unsigned int round;	/* changes when it is written to */
} eos_fault_armed;

/* @actions are those that the caller can do, a bit each. */
static bool eos_fault_fires(enum eos_fault_place place, enum eos_message type,
			    unsigned int actions, enum eos_fault_action *action)
{
	bool fires = false;

	spin_lock(&eos_fault_lock);
	*action = eos_fault_armed.action;
	if (eos_fault_armed.left && eos_fault_armed.place == place &&
	    eos_fault_armed.type == type && (actions & 1U << *action))
		fires = !--eos_fault_armed.left;
	spin_unlock(&eos_fault_lock);
	return fires;
}

static void eos_fault_hang(void)
{
	unsigned int round = READ_ONCE(eos_fault_armed.round);

	while (READ_ONCE(eos_fault_armed.round) == round)
		schedule_timeout_uninterruptible(HZ / 10);
}

/**
 * eos_fault_point - a step of the protocol that may go wrong
 * @link: the connection
 * @place: before or after it
 * @type: of the message
 */
void eos_fault_point(struct eos_link *link, enum eos_fault_place place,
		     enum eos_message type)
{
	enum eos_fault_action action;

	if (!eos_fault_fires(place, type,
			     1U << EOS_FAULT_KILL | 1U << EOS_FAULT_CUT |
			     1U << EOS_FAULT_STALL | 1U << EOS_FAULT_HANG,
			     &action))
		return;
	if (action == EOS_FAULT_KILL)
		send_sig(SIGKILL, link->session->task, 1);
	else if (action == EOS_FAULT_CUT)
		kernel_sock_shutdown(link->sock, SHUT_RDWR);
	else if (action == EOS_FAULT_STALL)
		mdelay(1000);	/* spinlocks may be held */
	else
		eos_fault_hang();
}

/**
 * eos_fault_refuses - whether what a message needs cannot be had this time
 * @type: of the message, which is about to be made
 */
bool eos_fault_refuses(enum eos_message type)
{
	enum eos_fault_action action;

	return eos_fault_fires(EOS_FAULT_SEND, type, 1U << EOS_FAULT_REFUSE,
			       &action);
}

/**
 * eos_fault_keep - a page has been pushed and is about to be freed
 * @s: session; mmap_lock is held
 * @address: page aligned
 * @page: its content
 */
void eos_fault_keep(struct eos_session *s, unsigned long address,
		    struct page *page)
{
	struct vm_area_struct *vma = find_vma(s->mm, address);
	enum eos_fault_action action;
	struct page *copy;

	if (!vma || !eos_fault_fires(EOS_FAULT_SENT, EOS_PUSH,
				     1U << EOS_FAULT_KEEP, &action))
		return;
	copy = eos_page_new(vma->vm_mm, GFP_HIGHUSER_MOVABLE);
	if (!copy)
		return;
	copy_highpage(copy, page);
	if (eos_page_insert(vma, address, copy, EOS_INSERT_YOUNG))
		eos_page_discard(copy);
	send_sig(SIGSTOP, s->task, 1);
}

static int eos_fault_name(const char *const *names, unsigned int count,
			  const char *name)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (names[i] && !strcmp(names[i], name))
			return i;
	return -EINVAL;
}

static ssize_t eos_fault_write(struct file *file, const char __user *buffer,
			       size_t size, loff_t *position)
{
	char text[64], place_name[16], type_name[16], action_name[16];
	int place, type, action;
	unsigned int count;

	if (size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buffer, size))
		return -EFAULT;
	text[size] = '\0';
	if (sscanf(text, "%15s %15s %u %15s", place_name, type_name, &count,
		   action_name) != 4)
		return -EINVAL;
	place = eos_fault_name(eos_fault_places, EOS_FAULT_PLACES, place_name);
	type = eos_fault_name(eos_message_names, EOS_MESSAGES, type_name);
	action = eos_fault_name(eos_fault_actions, EOS_FAULT_ACTIONS,
				action_name);
	if (place < 0 || type < 0 || action < 0)
		return -EINVAL;
	/* who shows a connection holds spinlocks */
	if (place == EOS_FAULT_SHOW && action != EOS_FAULT_STALL)
		return -EINVAL;
	spin_lock(&eos_fault_lock);
	eos_fault_armed.place = place;
	eos_fault_armed.type = type;
	eos_fault_armed.action = action;
	eos_fault_armed.left = count;
	WRITE_ONCE(eos_fault_armed.round, eos_fault_armed.round + 1);
	spin_unlock(&eos_fault_lock);
	return size;
}

static int eos_fault_show(struct seq_file *file, void *unused)
{
	spin_lock(&eos_fault_lock);
	seq_puts(file, eos_fault_armed.left ? "armed\n" : "done\n");
	spin_unlock(&eos_fault_lock);
	return 0;
}

static int eos_fault_open(struct inode *inode, struct file *file)
{
	return single_open(file, eos_fault_show, NULL);
}

static const struct proc_ops eos_fault_ops = {
	.proc_open = eos_fault_open,
	.proc_read = seq_read,
	.proc_write = eos_fault_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

/**
 * eos_fault_init - make /proc/elasticos_fault
 *
 * Return: 0 or -ENOMEM.
 */
int eos_fault_init(void)
{
	return proc_create("elasticos_fault", 0600, NULL, &eos_fault_ops) ?
		       0 : -ENOMEM;
}

/**
 * eos_fault_exit - take /proc/elasticos_fault away
 */
void eos_fault_exit(void)
{
	remove_proc_entry("elasticos_fault", NULL);
}
