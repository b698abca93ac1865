/* SPDX-License-Identifier: MIT */
#ifndef LOCKSTEP_COMPLAIN_H
#define LOCKSTEP_COMPLAIN_H

/** complain() - ends the coordinator with a sentence on standard error */
__attribute__((noreturn, format(printf, 1, 2))) void
complain(const char *format, ...);

#endif
