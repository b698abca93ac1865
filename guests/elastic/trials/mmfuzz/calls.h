/* SPDX-License-Identifier: GPL-2.0-only */
/* Other ways to memory than reads and writes of its owner. */
#ifndef MMFUZZ_CALLS_H
#define MMFUZZ_CALLS_H

void calls_begin(void);
void pass_through_pipe(void);
void reach_by_force(void);
void touch_without_right(void);
void be_interrupted(void);
void have_child(void (*step)(void));

#endif
