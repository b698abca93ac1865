/* SPDX-License-Identifier: GPL-2.0-only */
/* A page of memory: the unit in which the kernel counts a process. */
#ifndef PAGE_H
#define PAGE_H

#define PAGE_BYTES 4096

#endif
