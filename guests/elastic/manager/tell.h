/* SPDX-License-Identifier: GPL-2.0-only */
/* Says something to whoever started a process. */
#ifndef TELL_H
#define TELL_H

#include "manager.h"

void tell(const struct process *process, const char *what);

#endif
