/* SPDX-License-Identifier: GPL-2.0-only */
/* What `elastic` prints, for people and as JSON. */
#ifndef SHOW_H
#define SHOW_H

#include <stdbool.h>

#include "control.h"

void show_processes(const struct control_reply *reply, bool json);
void show_members(const struct control_process *row);
void show_nodes(const struct control_reply *reply, bool json);

#endif
