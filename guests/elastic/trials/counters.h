/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COUNTERS_H
#define COUNTERS_H

void show_own_counters(void);

/* Returns when processes of this node have so many connections to others. */
void wait_for_nodes(unsigned long count);

#endif
