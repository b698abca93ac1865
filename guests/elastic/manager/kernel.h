/* SPDX-License-Identifier: GPL-2.0-only */
/* The calls of /dev/elasticos, see elasticos_ioctl.h. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "elasticos_ioctl.h"

bool kernel_has_elasticos(void);
int kernel_stretch(struct eos_stretch *stretch);
int kernel_hold(struct eos_hold *hold);
int kernel_adopt(struct eos_adopt *adopt);
int kernel_join(struct eos_join *join);
int kernel_contract(pid_t pid, uint64_t born, uint32_t timeout_ms);
int kernel_set_policy(pid_t pid, uint64_t born, uint32_t budget,
		      const struct eos_policy *policy);
bool kernel_knows(pid_t pid);
const char *kernel_complaint(int error);

#endif
