/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HEAP_H
#define HEAP_H

#include "record.h"

void heap_sort(struct record *records, uint64_t count);

#endif
