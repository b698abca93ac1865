/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BLOCK_MERGE_H
#define BLOCK_MERGE_H

#include "record.h"

void block_merge_sort(struct record *records, uint64_t count);

#endif
