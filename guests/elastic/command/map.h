/* SPDX-License-Identifier: GPL-2.0-only */
/* Which pages of a stretched process are on this node. */
#ifndef MAP_H
#define MAP_H

#include <sys/types.h>

void map_print(int device, pid_t pid);

#endif
