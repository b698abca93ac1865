/* SPDX-License-Identifier: MIT */
/*
 * Guests that their host does not run for a while, as when a hypervisor pauses
 * a virtual machine. Such a guest does nothing, and its own clock stands still:
 * from then on it is behind the clock that all share. What arrives meanwhile
 * waits, and is there when the guest goes on.
 */
#ifndef LOCKSTEP_SUSPENSION_H
#define LOCKSTEP_SUSPENSION_H

#include <stdint.h>

/** suspend() - for a guest, from one instant to another; in order of time */
void suspend(uint32_t port, int64_t from, int64_t to);

/** own_time() - what a guest's clock shows at an instant */
int64_t own_time(uint32_t port, int64_t time);

/**
 * common_time() - the instant at which a guest's clock shows that; the end of
 * a suspension where it shows it for a while
 */
int64_t common_time(uint32_t port, int64_t own);

#endif
