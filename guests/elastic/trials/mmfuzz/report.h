/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said before the program ends because of what it found. */
#ifndef MMFUZZ_REPORT_H
#define MMFUZZ_REPORT_H

#include "model.h"

void failed(const char *what) __attribute__((noreturn));
void wrong(uint32_t page, int at, uint64_t found, const struct expected *want,
	   const char *how) __attribute__((noreturn));

#endif
