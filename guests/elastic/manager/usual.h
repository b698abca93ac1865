/* SPDX-License-Identifier: GPL-2.0-only */
/* How a process is treated where nothing else was asked for. */
#ifndef USUAL_H
#define USUAL_H

#include "manager.h"

void wish_fill(struct wish *wish, const struct wish *from);
void wish_fill_usual(struct wish *wish, pid_t pid);

#endif
