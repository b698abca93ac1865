// SPDX-License-Identifier: GPL-2.0-only
/*
 * ElasticOS: processor time that a process used on other machines.
 *
 * The scheduler knows what a task has used here, and counts what it is told of
 * elsewhere, in account_remote_time(). What follows from having used so much
 * (timers of processor time, RLIMIT_CPU) is looked at in the tick, which may
 * never meet the process when all that it does at home are short calls. So it
 * is looked at here too.
 */

#include <linux/elasticos.h>
#include <linux/elasticos_compat.h>
#include <linux/irqflags.h>
#include <linux/module.h>

/**
 * eos_time_read - the processor time that a task has used on this machine
 * @task: current, or held by the caller
 * @time: it
 */
void eos_time_read(struct task_struct *task, struct eos_time *time)
{
	task_cputime(task, &time->user, &time->system);
	time->exec = task_sched_runtime(task);
}
EXPORT_SYMBOL_GPL(eos_time_read); /* time.c: task_sched_runtime() */

/**
 * eos_time_add - current has used processor time elsewhere
 * @before: what was counted of it before
 * @now: what it is by now
 *
 * The caller is in the resume hook and holds no lock: signals are sent for
 * timers that have expired.
 */
void eos_time_add(const struct eos_time *before, const struct eos_time *now)
{
	account_remote_time(current, before, now);
	local_irq_disable();
	run_posix_cpu_timers();
	local_irq_enable();
	/* where 6.1 has put off what the timers found */
	if (task_work_pending(current))
		task_work_run();
}
EXPORT_SYMBOL_GPL(eos_time_add); /* time.c: account_remote_time() */
