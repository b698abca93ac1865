// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters: /proc/elasticos, one block of "name value" lines per session, and
 * one more for the sum of those that have ended.
 */

#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "fault.h"
#include "session.h"

/**
 * eos_histogram_add - count one duration
 * @histogram: by powers of two of microseconds
 * @ns: how long it took
 */
void eos_histogram_add(struct eos_histogram *histogram, u64 ns)
{
	unsigned int bucket = fls64(ns >> 10);

	histogram->count[min(bucket, EOS_BUCKETS - 1U)]++;
	histogram->total_ns += ns;
}

static void eos_show_histogram(struct seq_file *file, const char *name,
			       const struct eos_histogram *histogram)
{
	unsigned int i, last = 0;

	for (i = 0; i < EOS_BUCKETS; i++)
		if (READ_ONCE(histogram->count[i]))
			last = i + 1;
	seq_printf(file, "%s_ns_total %llu\n%s_histogram", name,
		   (unsigned long long)READ_ONCE(histogram->total_ns), name);
	for (i = 0; i < last; i++)
		seq_printf(file, " %llu",
			   (unsigned long long)READ_ONCE(histogram->count[i]));
	seq_putc(file, '\n');
}

static const char *const eos_state_names[] = {
	[EOS_NEW] = "whole",
	[EOS_RUNNING] = "running",
	[EOS_PARKED] = "parked",
	[EOS_DEAD] = "dead",
};

static const char *const eos_mode_names[] = {
	[EOS_MODE_ADAPTIVE] = "adaptive",
	[EOS_MODE_THRESHOLD] = "threshold",
	[EOS_MODE_STICKY] = "sticky",
	[EOS_MODE_MIGRATE] = "migrate",
};

#define EOS_COUNTER(field)	{ #field, offsetof(struct eos_counters, field) }

static const struct {
	const char *name;
	size_t offset;
} eos_counter_names[] = {
	EOS_COUNTER(pulls),
	EOS_COUNTER(pulled_pages),
	EOS_COUNTER(pulled_copies),
	EOS_COUNTER(pulled_zeroes),
	EOS_COUNTER(moved_hints),
	EOS_COUNTER(served_pulls),
	EOS_COUNTER(served_pages),
	EOS_COUNTER(pushes),
	EOS_COUNTER(pushed_pages),
	EOS_COUNTER(pushed_names),
	EOS_COUNTER(received_pages),
	EOS_COUNTER(dropped_copies),
	EOS_COUNTER(clock_rounds),
	EOS_COUNTER(jumps_out),
	EOS_COUNTER(jumps_in),
	EOS_COUNTER(jump_bytes),
	EOS_COUNTER(forced_system_call),
	EOS_COUNTER(forced_bad_area),
	EOS_COUNTER(forced_trap),
	EOS_COUNTER(forced_stuck),
	EOS_COUNTER(recalls),
	EOS_COUNTER(metas),
	EOS_COUNTER(discards),
	EOS_COUNTER(syncs),
	EOS_COUNTER(gathered_pages),
	EOS_COUNTER(bytes_sent),
	EOS_COUNTER(bytes_received),
};

/* Protects: eos_ended, eos_ended_sessions, eos_ended_reason. */
static DEFINE_SPINLOCK(eos_ended_lock);
static struct eos_counters eos_ended;
static unsigned int eos_ended_sessions;
static char eos_ended_reason[EOS_REASON_BYTES];

/**
 * eos_counters_retire - keep what a session has counted
 * @s: session that has ended, so that nobody else uses it
 */
void eos_counters_retire(const struct eos_session *s)
{
	const u64 *from = (const u64 *)&s->counters;
	u64 *to = (u64 *)&eos_ended;
	unsigned int i;

	BUILD_BUG_ON(sizeof(s->counters) % sizeof(*to));
	spin_lock(&eos_ended_lock);
	for (i = 0; i < sizeof(s->counters) / sizeof(*to); i++)
		to[i] += from[i];
	eos_ended_sessions++;
	if (eos_is_home(s) && s->reason[0])
		memcpy(eos_ended_reason, s->reason, sizeof(s->reason));
	spin_unlock(&eos_ended_lock);
}

static void eos_show_counters(struct seq_file *file,
			      const struct eos_counters *counters)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(eos_counter_names); i++) {
		const u64 *counter = (const void *)counters +
				     eos_counter_names[i].offset;

		seq_printf(file, "%s %llu\n", eos_counter_names[i].name,
			   (unsigned long long)READ_ONCE(*counter));
	}
	eos_show_histogram(file, "pull", &counters->pull);
	eos_show_histogram(file, "push", &counters->push);
	eos_show_histogram(file, "serve", &counters->serve);
	eos_show_histogram(file, "away", &counters->away);
	eos_show_histogram(file, "stretch", &counters->stretch);
	eos_show_histogram(file, "apply", &counters->apply);
}

static void eos_show_ended(struct seq_file *file)
{
	spin_lock(&eos_ended_lock);
	if (eos_ended_sessions) {
		seq_printf(file, "ended %u\n", eos_ended_sessions);
		eos_show_counters(file, &eos_ended);
		/* of the last process of this node that lost something */
		if (eos_ended_reason[0])
			seq_printf(file, "reason %s\n", eos_ended_reason);
	}
	spin_unlock(&eos_ended_lock);
}

static void eos_show_reason(struct seq_file *file, struct eos_session *s)
{
	spin_lock(&s->show_lock);
	if (s->reason[0])
		seq_printf(file, "reason %s\n", s->reason);
	spin_unlock(&s->show_lock);
}

static void eos_show_links(struct seq_file *file, struct eos_session *s)
{
	unsigned int node;

	spin_lock(&s->show_lock);
	for (node = 0; node < EOS_NODES; node++) {
		struct eos_link *link = s->links[node];

		if (!link)
			continue;
		eos_fault_point(link, EOS_FAULT_SHOW, EOS_HELLO);
		seq_printf(file, "link_%u %s\nroom_%u %d\nwire_%u %s\n", node,
			   READ_ONCE(link->up) ? "up" : "lost", node,
			   READ_ONCE(link->room), node,
			   link->seal ? "sealed" : "plain");
	}
	spin_unlock(&s->show_lock);
}

static void eos_show_session(struct seq_file *file, struct eos_session *s)
	__must_hold(&eos_sessions_lock)
{
	seq_printf(file, "pid %d\nnode %u\nstate %s\n", task_pid_nr(s->task),
		   s->self, eos_state_names[eos_state(s)]);
	if (!eos_is_home(s))
		seq_printf(file, "cookie %016llx\n",
			   (unsigned long long)s->cookie);
	eos_show_reason(file, s);
	seq_printf(file, "policy %s\nthreshold %u\nwindow %u\n",
		   eos_mode_names[READ_ONCE(s->policy.mode)],
		   READ_ONCE(s->policy.threshold), READ_ONCE(s->policy.window));
	seq_printf(file, "budget_pages %u\nresident_pages %lu\nepoch %llu\n",
		   READ_ONCE(s->budget), eos_anonymous_pages(s->mm),
		   (unsigned long long)READ_ONCE(s->epoch));
	eos_show_links(file, s);
	eos_show_counters(file, &s->counters);
}

static int eos_counters_show(struct seq_file *file, void *unused)
{
	struct eos_session *s;

	mutex_lock(&eos_sessions_lock);
	list_for_each_entry(s, &eos_sessions, list) {
		eos_show_session(file, s);
		seq_putc(file, '\n');
	}
	mutex_unlock(&eos_sessions_lock);
	eos_show_ended(file);
	return 0;
}

static int eos_counters_open(struct inode *inode, struct file *file)
{
	return single_open(file, eos_counters_show, NULL);
}

static const struct proc_ops eos_counters_ops = {
	.proc_open = eos_counters_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

int eos_counters_init(void)
{
	/* not for everybody: a reason may name an address of the process */
	return proc_create("elasticos", 0400, NULL, &eos_counters_ops) ?
		       0 : -ENOMEM;
}

void eos_counters_exit(void)
{
	remove_proc_entry("elasticos", NULL);
}
