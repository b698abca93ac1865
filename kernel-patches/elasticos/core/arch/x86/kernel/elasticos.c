// SPDX-License-Identifier: GPL-2.0-only
/*
 * ElasticOS: the registers of current that are not in pt_regs, as a flat
 * record that another machine with the same processor features can load.
 *
 * Two kernels keep the extended state (x87, SSE, AVX, ...) in ways that have
 * nothing in common, so eos_fpu_*() stand here twice.
 */

#include <linux/elasticos.h>
#include <linux/elasticos_compat.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>
#include <asm/prctl.h>
#include <asm/processor.h>
#include <asm/proto.h>

#define EOS_CPU_FPU	1	/* @fpu holds something */

struct eos_cpu {
	u64 fs_base;
	u64 gs_base;
	u32 flags;
	u32 fpu_size;
	u8 fpu[];
};

#ifdef CONFIG_ELASTICOS_2_6_38
/*
 * The record has the image that FXSAVE or XSAVE wrote for the task, or none
 * for a task that has never used it. What a broken peer could make the
 * processor fault on is cut off.
 */

#include <linux/mutex.h>
#include <asm/i387.h>
#include <asm/msr.h>
#include <asm/vgtod.h>
#include <asm/xcr.h>
#include <asm/xsave.h>

#define EOS_MXCSR_MASK	0xffff	/* what every 64-bit processor has */

#define do_arch_prctl_64(task, option, addr) \
	do_arch_prctl(task, option, addr)

static size_t eos_fpu_size(void)
{
	return xstate_size;
}

static u64 eos_fpu_features(void)
{
	return cpu_has_xsave ? pcntxt_mask : 0;
}

static void eos_bases_save(struct eos_cpu *cpu)
{
	unsigned int gs;

	rdmsrl(MSR_FS_BASE, cpu->fs_base);
	savesegment(gs, gs);
	if (gs)
		rdmsrl(MSR_KERNEL_GS_BASE, cpu->gs_base);
	else
		cpu->gs_base = current->thread.gs;
}

static int eos_fpu_save(struct eos_cpu *cpu)
{
	if (!tsk_used_math(current))
		return 0;
	unlazy_fpu(current);
	cpu->flags = EOS_CPU_FPU;
	cpu->fpu_size = xstate_size;
	memcpy(cpu->fpu, current->thread.fpu.state, xstate_size);
	return 0;
}

static void eos_fpu_sanitize(union thread_xstate *fpu)
{
	fpu->fxsave.mxcsr &= EOS_MXCSR_MASK;
	if (cpu_has_xsave) {
		struct xsave_hdr_struct *header = &fpu->xsave.xsave_hdr;

		header->xstate_bv &= pcntxt_mask;
		memset(header->reserved1, 0, sizeof(header->reserved1));
		memset(header->reserved2, 0, sizeof(header->reserved2));
	}
}

static int eos_fpu_load(const struct eos_cpu *cpu)
{
	struct task_struct *me = current;

	if (cpu->flags & EOS_CPU_FPU) {
		if (cpu->fpu_size != xstate_size)
			return -EINVAL;
		if (!tsk_used_math(me) && init_fpu(me))
			return -ENOMEM;
		clear_fpu(me);
		memcpy(me->thread.fpu.state, cpu->fpu, xstate_size);
		eos_fpu_sanitize(me->thread.fpu.state);
	} else {
		if (cpu->fpu_size)
			return -EINVAL;
		clear_fpu(me);
		clear_stopped_child_used_math(me);
	}
	/* the first use traps and loads it, however often it was used */
	me->fpu_counter = 0;
	return 0;
}

/**
 * eos_clock_home - have clocks be read by system calls, which go home
 * @on: a process of another node is about to run here, or has ceased to
 *
 * The vDSO is at home only, but the vsyscall page is everywhere, and what it
 * reads is this node's clock. It cannot be taken from one process: while there
 * is a guest, kernel.vsyscall64 is 0 for all.
 */
void eos_clock_home(bool on)
{
	static DEFINE_MUTEX(lock);
	static unsigned int guests;
	static int before;

	mutex_lock(&lock);
	if (on && !guests++) {
		before = vsyscall_gtod_data.sysctl_enabled;
		vsyscall_gtod_data.sysctl_enabled = 0;
	} else if (!on && !--guests) {
		vsyscall_gtod_data.sysctl_enabled = before;
	}
	mutex_unlock(&lock);
}
EXPORT_SYMBOL_GPL(eos_clock_home); /* vsyscall_gtod_data is not exported */

#else
/*
 * The record has the standard layout that ptrace and signal frames use, so
 * that the checks which those apply hold for the wire too. It ends behind the
 * components that a program computes with: PKRU stands behind those of
 * AVX-512 and would treble the record of a machine without them. There is no
 * lazy state, hence always something in the record.
 */

#include <linux/init.h>
#include <linux/regset.h>
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/fpu/sched.h>
#include <asm/fpu/signal.h>
#include <asm/fsgsbase.h>

#include "fpu/context.h"
#include "fpu/internal.h"
#include "fpu/legacy.h"
#include "fpu/xstate.h"

/*
 * What a program computes with. Protection keys, which stand behind all of
 * these in the standard layout, are excluded in Kconfig.
 */
#define EOS_CPU_XFEATURES \
	(XFEATURE_MASK_FPSSE | XFEATURE_MASK_YMM | XFEATURE_MASK_AVX512)

static u64 eos_xfeatures __ro_after_init;	/* 0 without XSAVE */
static u32 eos_record_size __ro_after_init;	/* of @fpu */

static int __init eos_cpu_init(void)
{
	unsigned int i;

	if (!use_xsave()) {
		eos_record_size = fpu_user_cfg.default_size;
		return 0;
	}
	eos_xfeatures = fpu_user_cfg.default_features & EOS_CPU_XFEATURES;
	eos_record_size = FXSAVE_SIZE + XSAVE_HDR_SIZE;
	for (i = XFEATURE_YMM; i < XFEATURE_MAX; i++) {
		u32 size, offset, ecx, edx;

		if (!(eos_xfeatures & BIT_ULL(i)))
			continue;
		cpuid_count(XSTATE_CPUID, i, &size, &offset, &ecx, &edx);
		eos_record_size = max(eos_record_size, offset + size);
	}
	return 0;
}
core_initcall(eos_cpu_init);

static size_t eos_fpu_size(void)
{
	return eos_record_size;
}

static u64 eos_fpu_features(void)
{
	return eos_xfeatures;
}

static void eos_bases_save(struct eos_cpu *cpu)
{
	current_save_fsgs();
	cpu->fs_base = current->thread.fsbase;
	cpu->gs_base = current->thread.gsbase;
}

/* AMX is state beyond the default: only a task that asked for it has it. */
static bool eos_fpu_is_default(struct fpu *fpu)
{
	return fpu->fpstate->user_size == fpu_user_cfg.default_size;
}

static int eos_fpu_save(struct eos_cpu *cpu)
{
	struct fpu *fpu = &current->thread.fpu;
	struct xregs_state *xsave = (struct xregs_state *)cpu->fpu;

	if (!eos_fpu_is_default(fpu))
		return -EOPNOTSUPP;
	cpu->flags = EOS_CPU_FPU;
	cpu->fpu_size = eos_record_size;

	fpu_sync_fpstate(fpu);
	if (use_xsave()) {
		/* cut off behind the last component that travels */
		copy_xstate_to_uabi_buf((struct membuf){
						.p = cpu->fpu,
						.left = eos_record_size,
					}, current, XSTATE_COPY_XSAVE);
		xsave->header.xfeatures &= eos_xfeatures;
	} else {
		memcpy(cpu->fpu, &fpu->fpstate->regs.fxsave, eos_record_size);
	}
	return 0;
}

/*
 * Have the registers of current loaded from memory when it returns to user
 * space; until then memory is what counts.
 */
static void eos_fpu_to_memory(struct fpu *fpu)
{
	fpregs_lock();
	if (!test_thread_flag(TIF_NEED_FPU_LOAD)) {
		save_fpregs_to_fpstate(fpu);
		set_thread_flag(TIF_NEED_FPU_LOAD);
	}
	__fpu_invalidate_fpregs_state(fpu);
	__cpu_invalidate_fpregs_state();
	fpregs_unlock();
}

static int eos_fpu_load(const struct eos_cpu *cpu)
{
	const struct xregs_state *xsave = (const void *)cpu->fpu;
	struct fpu *fpu = &current->thread.fpu;
	struct fxregs_state *fxsave = &fpu->fpstate->regs.fxsave;

	if (cpu->flags != EOS_CPU_FPU || cpu->fpu_size != eos_record_size ||
	    !eos_fpu_is_default(fpu))
		return -EINVAL;
	eos_fpu_to_memory(fpu);
	if (use_xsave()) {
		/* another component would be read from behind the record */
		if (xsave->header.xfeatures & ~eos_xfeatures)
			return -EINVAL;
		/* it refuses reserved bits */
		return copy_uabi_from_kernel_to_xstate(fpu->fpstate, cpu->fpu,
						       NULL) ? -EINVAL : 0;
	}
	memcpy(fxsave, cpu->fpu, sizeof(*fxsave));
	fxsave->mxcsr &= mxcsr_feature_mask;
	return 0;
}

#endif

/**
 * eos_cpu_size - bytes that eos_cpu_save() may need
 */
size_t eos_cpu_size(void)
{
	return sizeof(struct eos_cpu) + eos_fpu_size();
}
EXPORT_SYMBOL_GPL(eos_cpu_size); /* greeting.c: nodes compare it */

/**
 * eos_cpu_features - what must agree between two machines
 *
 * Return: the XSAVE components that travel, 0 without XSAVE.
 */
u64 eos_cpu_features(void)
{
	return eos_fpu_features();
}
EXPORT_SYMBOL_GPL(eos_cpu_features); /* greeting.c: nodes compare them */

/**
 * eos_cpu_save - record the registers of current
 * @state: where
 * @size: room there
 *
 * Return: bytes written, -ENOSPC, or -EOPNOTSUPP for a task that asked for
 * state beyond the default (AMX).
 */
int eos_cpu_save(void *state, size_t size)
{
	struct eos_cpu *cpu = state;
	int ret;

	if (size < eos_cpu_size())
		return -ENOSPC;
	memset(cpu, 0, sizeof(*cpu));
	eos_bases_save(cpu);
	ret = eos_fpu_save(cpu);
	return ret ? ret : sizeof(*cpu) + cpu->fpu_size;
}
EXPORT_SYMBOL_GPL(eos_cpu_save); /* jump.c: the execution leaves */

/**
 * eos_cpu_load - give current recorded registers
 * @state: a record, not trusted
 * @size: its length
 *
 * Return: 0, -EINVAL for a record that does not fit this machine, -ENOMEM.
 */
int eos_cpu_load(const void *state, size_t size)
{
	const struct eos_cpu *cpu = state;
	int ret;

	if (size < sizeof(*cpu) || size != sizeof(*cpu) + cpu->fpu_size ||
	    cpu->fs_base >= TASK_SIZE_MAX || cpu->gs_base >= TASK_SIZE_MAX)
		return -EINVAL;
	ret = eos_fpu_load(cpu);
	if (ret)
		return ret;
	if (do_arch_prctl_64(current, ARCH_SET_FS, cpu->fs_base) ||
	    do_arch_prctl_64(current, ARCH_SET_GS, cpu->gs_base))
		return -EINVAL;
	return 0;
}
EXPORT_SYMBOL_GPL(eos_cpu_load); /* jump.c: the execution arrives */
