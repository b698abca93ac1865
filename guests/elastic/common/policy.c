// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "control.h"

static const char *const names[EOS_MODES] = {
	[EOS_MODE_ADAPTIVE] = "adaptive",
	[EOS_MODE_THRESHOLD] = "threshold",
	[EOS_MODE_STICKY] = "sticky",
	[EOS_MODE_MIGRATE] = "migrate",
};

/* The name of a policy, as in /proc/elasticos. */
const char *policy_name(uint32_t mode)
{
	return mode < EOS_MODES ? names[mode] : "?";
}

int policy_by_name(const char *name, uint32_t *mode)
{
	for (*mode = 0; *mode < EOS_MODES; (*mode)++)
		if (!strcmp(name, names[*mode]))
			return 0;
	return -EINVAL;
}
