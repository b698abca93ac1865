// SPDX-License-Identifier: GPL-2.0-only
/*
 * What only home can do: system calls, addresses that no mapping here covers
 * (stack growth, the vDSO, shared mappings, real mistakes), and exceptions.
 * Each is undone here and done again at home, by the same instruction.
 */

#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/unistd.h>

#include "session.h"

#define EOS_SYSCALL_BYTES	2	/* the instruction: 0f 05 */

static struct eos_session *eos_running_shell(struct mm_struct *mm)
{
	struct eos_session *s = mm->eos;

	if (eos_is_home(s) || current != s->task ||
	    eos_state(s) != EOS_RUNNING)
		return NULL;
	return s;
}

/* eos_ops.syscall: non-zero to skip the call here. */
int eos_syscall_enter(struct pt_regs *regs)
{
	struct eos_session *s = current->mm->eos;

	if (eos_is_home(s)) {
		/* a migrated process goes back once its call has run */
		if (current == s->task &&
		    s->policy.mode == EOS_MODE_MIGRATE && !eos_stays_home(s))
			eos_session_goes_back(s,
					      regs->orig_ax == __NR_rt_sigreturn);
		return 0;
	}
	s = eos_running_shell(current->mm);
	if (!s)
		return 0;
	regs->ip -= EOS_SYSCALL_BYTES;
	regs->ax = regs->orig_ax;
	regs->orig_ax = -1;
	s->counters.forced_system_call++;
	eos_session_request_jump(s, EOS_HOME, true);
	return 1;
}

/* eos_ops.bad_area: non-zero to forget the fault here. */
int eos_syscall_bad_area(struct mm_struct *mm, unsigned long address)
{
	struct eos_session *s = eos_running_shell(mm);

	if (!s)
		return 0;
	s->counters.forced_bad_area++;
	eos_session_request_jump(s, EOS_HOME, true);
	return 1;
}

/**
 * eos_syscall_traps - send an exception home
 * @s: session of current, a shell, running, in the resume hook
 *
 * Signals for the process go to its home; what is pending here was raised by
 * the instruction itself, which raises it again at home.
 *
 * Return: false if the shell itself is being killed.
 */
bool eos_syscall_traps(struct eos_session *s)
{
	if (!signal_pending(current))
		return true;
	if (fatal_signal_pending(current))
		return false;
	flush_signals(current);
	/* a SIGKILL that came in between must not be forgotten */
	if (current->signal->flags & SIGNAL_GROUP_EXIT) {
		/* current's own, which nobody else replaces */
		struct sighand_struct *sighand =
			rcu_dereference_protected(current->sighand, true);

		spin_lock_irq(&sighand->siglock);
		sigaddset(&current->pending.signal, SIGKILL);
		set_thread_flag(TIF_SIGPENDING);
		spin_unlock_irq(&sighand->siglock);
		return false;
	}
	s->counters.forced_trap++;
	eos_session_request_jump(s, EOS_HOME, true);
	return true;
}
