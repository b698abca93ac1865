// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jump: move the execution. The registers of the parked task are overwritten
 * with those that arrive, so its pid, credentials, files and references never
 * change; only home's are the process's own.
 *
 * The right to run is the message itself: sending JUMP gives it up, for ever
 * if the stream breaks afterwards, since a node that lost it never resumes by
 * itself. As long as the network has not taken the whole of the message, nobody
 * else can ever have it: then the stream is given up, and the execution stays.
 *
 * A node that never had the execution could make one up. What computes then
 * has no effect outside as long as home does not take it. So home gives each
 * stay away a ticket, a random number that goes from hand to hand with the
 * execution and that home wants back.
 */

#include <linux/errno.h>
#include <linux/ptrace.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <asm/processor-flags.h>
#include <asm/segment.h>
#include <asm/vsyscall.h>

#include "elasticos_trace.h"
#include "fault.h"
#include "session.h"

#define EOS_USER_FLAGS \
	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
	 X86_EFLAGS_SF | X86_EFLAGS_DF | X86_EFLAGS_OF | X86_EFLAGS_AC)

#define EOS_STACK_SPARE	(32 * PAGE_SIZE)	/* that a stack takes along */
#define EOS_STACK_ALONE	(256 * PAGE_SIZE)	/* below it, of which that is part */

#define EOS_REGISTER(name)	offsetof(struct pt_regs, name)

/* The order on the wire. */
static const size_t eos_registers[EOS_WIRE_REGS] = {
	EOS_REGISTER(r15), EOS_REGISTER(r14), EOS_REGISTER(r13),
	EOS_REGISTER(r12), EOS_REGISTER(bp), EOS_REGISTER(bx),
	EOS_REGISTER(r11), EOS_REGISTER(r10), EOS_REGISTER(r9),
	EOS_REGISTER(r8), EOS_REGISTER(ax), EOS_REGISTER(cx),
	EOS_REGISTER(dx), EOS_REGISTER(si), EOS_REGISTER(di),
	EOS_REGISTER(ip), EOS_REGISTER(cs), EOS_REGISTER(flags),
	EOS_REGISTER(sp),
};

static unsigned long *eos_slot(struct pt_regs *regs, unsigned int i)
{
	return (unsigned long *)((char *)regs + eos_registers[i]);
}

static unsigned long eos_slot_value(const struct pt_regs *regs, unsigned int i)
{
	return *(const unsigned long *)((const char *)regs + eos_registers[i]);
}

/* Of flags, the processor sets one when an instruction is to be tried again. */
static bool eos_registers_equal(const struct pt_regs *a,
				const struct pt_regs *b)
{
	unsigned int i;

	for (i = 0; i < EOS_WIRE_REGS; i++)
		if (eos_registers[i] != EOS_REGISTER(flags) &&
		    eos_slot_value(a, i) != eos_slot_value(b, i))
			return false;
	return true;
}

/**
 * eos_jump_stalled - whether the program is where its last stay elsewhere did
 * nothing
 * @s: session of current
 *
 * It left with these registers, and came back with them: each instruction that
 * ends, and each part of one that is repeated, changes some. A loop may be back
 * with them too, which costs EOS_STALLED_PULLS at most.
 */
bool eos_jump_stalled(const struct eos_session *s)
{
	eos_assert_task(s);
	return eos_registers_equal(&s->stalled, task_pt_regs(current));
}

static void eos_registers_save(struct eos_wire_jump *wire,
			       struct pt_regs *regs)
{
	unsigned int i;

	for (i = 0; i < EOS_WIRE_REGS; i++)
		wire->regs[i] = cpu_to_le64(eos_slot_value(regs, i));
}

/* The one page above all others that a program may execute. */
static bool eos_vsyscall(unsigned long ip)
{
	return (ip & PAGE_MASK) == VSYSCALL_START;
}

static int eos_registers_load(struct pt_regs *regs,
			      const struct eos_wire_jump *wire)
{
	struct pt_regs new = *regs;
	unsigned int i;

	for (i = 0; i < EOS_WIRE_REGS; i++)
		*eos_slot(&new, i) = le64_to_cpu(wire->regs[i]);
	if (new.ip >= TASK_SIZE_MAX && !eos_vsyscall(new.ip))
		return -EINVAL;
	/* a 64-bit process may have code of 32 bits */
	if (new.cs != __USER_CS && new.cs != __USER32_CS)
		return -EINVAL;
	new.flags = (new.flags & EOS_USER_FLAGS) | X86_EFLAGS_IF | 2;
	new.ss = __USER_DS;
	new.orig_ax = -1;	/* no system call to restart */
	*regs = new;
	return 0;
}

/* The call is to be restarted, which is for the signal code here to do. */
static bool eos_restarts(const struct pt_regs *regs)
{
	long result = regs->ax;

	return (long)regs->orig_ax >= 0 && result <= -ERESTARTSYS &&
	       result >= -ERESTART_RESTARTBLOCK;
}

static int eos_jump_send(struct eos_session *s, struct eos_link *link,
			 struct pt_regs *regs, size_t size)
	__must_hold(&s->mutex)
{
	struct eos_wire_jump wire = { };
	struct kvec body[3];
	int ret;

	lockdep_assert_held(&s->mutex);
	eos_registers_save(&wire, regs);
	if (eos_is_home(s)) {
		s->away = s->epoch + 1;
		s->ticket = s->next_ticket;
	}
	WRITE_ONCE(s->epoch, s->epoch + 1);
	wire.epoch = cpu_to_le64(s->epoch);
	wire.away = cpu_to_le64(s->away);
	wire.ticket = cpu_to_le64(s->ticket);
	wire.mode = cpu_to_le32(s->policy.mode);
	wire.threshold = cpu_to_le32(s->policy.threshold);
	wire.target = cpu_to_le32(s->policy.target);
	wire.window = cpu_to_le32(s->policy.window);
	wire.toll = cpu_to_le64(eos_policy_toll(s));
	eos_time_write(s, &wire.time);
	wire.forced = cpu_to_le32(s->jump_forced);
	wire.cpu_size = cpu_to_le32(size);

	body[1].iov_base = &wire;
	body[1].iov_len = sizeof(wire);
	body[2].iov_base = s->cpu;
	body[2].iov_len = size;
	link->keeps = false;
	s->heard = link->node;
	ret = eos_send(link, EOS_JUMP, body, 3, sizeof(wire) + size);
	if (ret)
		return ret;
	s->left = *regs;
	/* what is answered meanwhile is found when it is looked for */
	eos_set_state(s, EOS_PARKED);
	s->counters.jumps_out++;
	trace_eos_jump_leave(s, link->node, regs->ip, s->jump_forced);
	s->counters.jump_bytes += sizeof(struct eos_header) + sizeof(wire) +
				  size;
	return 0;
}

/*
 * Record the registers that are not in pt_regs. A process that has some which
 * cannot travel stays at home from now on. Returns bytes or -errno.
 */
static int eos_jump_record(struct eos_session *s)
{
	int size = eos_cpu_save(s->cpu, EOS_CPU_MAX);

	if (eos_is_home(s) && eos_fault_refuses(EOS_JUMP))
		size = -EOPNOTSUPP;
	if (size < 0)
		s->rooted = true;
	return size;
}

/**
 * eos_jump_prepare - have a ticket for the next stay away
 * @s: session at home; nobody waits for it now
 */
void eos_jump_prepare(struct eos_session *s)
{
	get_random_bytes(&s->next_ticket, sizeof(s->next_ticket));
}

/**
 * eos_stays_home - whether the process must not leave its home
 * @s: session of current
 *
 * A tracer finds the process where its pid is. Some registers cannot travel.
 * Instructions that probes have replaced trap at home only.
 */
bool eos_stays_home(const struct eos_session *s)
{
	eos_assert_task(s);
	return eos_is_home(s) &&
	       (s->rooted || current->ptrace || eos_probed(current->mm));
}

/*
 * Elsewhere the stack does not grow: each page that it needs beyond its mapping
 * takes the execution home. So it leaves with some to spare. Returns the address
 * down to which it should grow first, or 0. Nothing else may be near below.
 */
static unsigned long eos_stack_wants(struct mm_struct *mm, unsigned long sp)
{
	struct vm_area_struct *vma = find_vma(mm, sp);

	if (!vma || vma->vm_start > sp || !(vma->vm_flags & VM_GROWSDOWN) ||
	    (vma->vm_flags & VM_LOCKED) ||
	    sp - vma->vm_start >= EOS_STACK_SPARE / 2 ||
	    vma->vm_start < EOS_STACK_ALONE ||
	    find_vma(mm, vma->vm_start - EOS_STACK_ALONE) != vma)
		return 0;
	return vma->vm_start - EOS_STACK_SPARE;
}

/* mmap_lock is held, and given up for a while when the stack has to grow. */
static void eos_stack_prepare(struct mm_struct *mm, unsigned long sp)
{
	unsigned long address = eos_stack_wants(mm, sp);

	if (!address)
		return;
	mmap_read_unlock(mm);
	eos_grow_stack(address);
	mmap_read_lock(mm);
}

/**
 * eos_jump - give the execution to another node
 * @s: session of current, running, in the resume hook
 * @node: which
 * @regs: of current
 *
 * Return: 0 and the session is parked, or -errno and it runs here still or is
 * dead.
 */
int eos_jump(struct eos_session *s, unsigned int node, struct pt_regs *regs)
{
	struct mm_struct *mm = current->mm;
	struct eos_link *link = s->links[node];
	int ret, size;

	eos_assert_task(s);
	if (!link || !READ_ONCE(link->up))
		return -EHOSTUNREACH;
	if (eos_restarts(regs))
		return -EAGAIN;
	size = eos_jump_record(s);
	if (size < 0)
		return size;
	mmap_read_lock(mm);
	if (eos_is_home(s))
		eos_stack_prepare(mm, regs->sp);
	mutex_lock(&s->mutex);
	ret = eos_is_home(s) ? eos_files_check(s) : 0;
	if (!ret)
		ret = eos_mmap_flush(s);
	if (!ret)
		ret = eos_hot_push(s, link, regs->sp);
	if (!ret)
		ret = eos_sync_others(s, node);
	if (!ret) {
		eos_policy_leaves(s, s->jump_forced);
		ret = eos_jump_send(s, link, regs, size);
	}
	mutex_unlock(&s->mutex);
	mmap_read_unlock(mm);
	return ret;
}

/**
 * eos_jump_receive - take the execution
 * @s: session of current, parked
 * @link: from whom; the header has been read
 * @length: of the body
 * @regs: of current, overwritten
 *
 * Return: 0 and the session runs here, or -errno.
 */
int eos_jump_receive(struct eos_session *s, struct eos_link *link,
		     size_t length, struct pt_regs *regs)
{
	struct eos_wire_jump wire;
	struct eos_policy policy;
	size_t size;
	int ret;

	eos_assert_task(s);
	ret = eos_receive(link, &wire, sizeof(wire));
	if (ret)
		return ret;
	if (eos_is_home(s) && le64_to_cpu(wire.ticket) != s->ticket)
		return eos_role_refuse(link, EOS_JUMP);
	size = le32_to_cpu(wire.cpu_size);
	if (size > EOS_CPU_MAX || length != sizeof(wire) + size ||
	    le64_to_cpu(wire.epoch) <= s->epoch)
		goto broken;
	ret = eos_receive(link, s->cpu, size);
	if (ret)
		return ret;

	policy.mode = le32_to_cpu(wire.mode);
	policy.threshold = le32_to_cpu(wire.threshold);
	policy.target = le32_to_cpu(wire.target);
	policy.window = le32_to_cpu(wire.window);
	if (eos_policy_check(&policy) || eos_registers_load(regs, &wire) ||
	    eos_cpu_load(s->cpu, size))
		goto broken;

	s->policy = policy;
	WRITE_ONCE(s->epoch, le64_to_cpu(wire.epoch));
	s->away = le64_to_cpu(wire.away);
	s->ticket = le64_to_cpu(wire.ticket);
	s->jump_to = -1;
	s->jump_forced = false;
	if (eos_registers_equal(&s->left, regs))
		s->stalled = *regs;
	eos_kept_drop(s, 0, TASK_SIZE_MAX);
	s->counters.jumps_in++;
	trace_eos_jump_arrive(s, link->node, regs->ip,
			      le32_to_cpu(wire.forced));
	eos_policy_arrived(s, le32_to_cpu(wire.forced),
			   le64_to_cpu(wire.toll));
	eos_hot_arrived(s);
	eos_time_arrive(s, &wire.time);
	eos_set_state(s, EOS_RUNNING);
	wake_up_all(&s->wait);
	return 0;

broken:
	eos_link_lost(link, -EPROTO);
	return -EPROTO;
}
