/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes as people write them. */
#ifndef SIZE_H
#define SIZE_H

#include <stdint.h>

int size_parse(const char *text, uint64_t *bytes);

#endif
