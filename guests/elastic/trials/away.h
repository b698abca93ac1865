/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For trials that do something to a process whose pages other nodes have: a
 * quick one would be over before it is stretched.
 */
#ifndef AWAY_H
#define AWAY_H

#include <stddef.h>

/* How many of these pages are elsewhere: not in this node's memory. */
size_t pages_away(volatile const void *first, size_t pages);

/*
 * Reads these pages until half of them are away. Ends the process with 2 when
 * that takes more than a minute.
 */
void until_away(volatile const void *first, size_t pages);

#endif
