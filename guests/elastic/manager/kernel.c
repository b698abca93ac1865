// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kernel.h"

#define DEVICE "/dev/elasticos"

static int ask(unsigned long what, void *argument)
{
	int device = open(DEVICE, O_RDWR | O_CLOEXEC), ret;

	if (device < 0)
		return -errno;
	ret = ioctl(device, what, argument) ? -errno : 0;
	close(device);
	return ret;
}

bool kernel_has_elasticos(void)
{
	return !access(DEVICE, R_OK | W_OK);
}

int kernel_stretch(struct eos_stretch *stretch)
{
	return ask(EOS_IOC_STRETCH, stretch);
}

int kernel_hold(struct eos_hold *hold)
{
	return ask(EOS_IOC_HOLD, hold);
}

/* Returns only when it has failed: a shell does not go on with its program. */
int kernel_adopt(struct eos_adopt *adopt)
{
	return ask(EOS_IOC_ADOPT, adopt);
}

int kernel_join(struct eos_join *join)
{
	return ask(EOS_IOC_JOIN, join);
}

int kernel_contract(pid_t pid, uint64_t born, uint32_t timeout_ms)
{
	struct eos_contract contract = {
		.born = born,
		.pid = pid,
		.timeout_ms = timeout_ms,
	};

	return ask(EOS_IOC_CONTRACT, &contract);
}

int kernel_set_policy(pid_t pid, uint64_t born, uint32_t budget,
		      const struct eos_policy *policy)
{
	struct eos_set_policy set = {
		.born = born,
		.pid = pid,
		.budget = budget,
		.policy = *policy,
	};

	return ask(EOS_IOC_POLICY, &set);
}

/**
 * kernel_knows - whether a process is stretched or is a shell
 * @pid: of the process
 */
bool kernel_knows(pid_t pid)
{
	uint8_t state;
	struct eos_map map = {
		.pid = pid,
		.count = 1,
		.start = 0,
		.states = (uintptr_t)&state,
	};

	return !ask(EOS_IOC_MAP, &map);
}

/**
 * kernel_complaint - say what an error of these calls means
 * @error: a positive errno
 */
const char *kernel_complaint(int error)
{
	switch (error) {
	case EBUSY:
		return "its threads share the address space, or it is there already";
	case ESRCH:
		return "there is no such process, or it is not stretched";
	case EMEDIUMTYPE:
		return "the processors differ; the console of its home says how";
	case ETIMEDOUT:
		return "it did not come back from the kernel in time";
	case EINVAL:
		return "it is traced, no 64-bit program, or asked for the impossible";
	case ENOMEM:
		return "there is too little memory here";
	case EPROTONOSUPPORT:
		return "its wire is plain, and the other node's is sealed";
	case ENOENT:
		return "no module elasticos is loaded";
	default:
		return strerror(error);
	}
}
