/* SPDX-License-Identifier: GPL-2.0-only */
/* Sizes on command lines. Programs of several folders link to this file. */
#ifndef SIZE_H
#define SIZE_H

#include <stdint.h>

int size_parse(const char *text, uint64_t *bytes);

#endif
