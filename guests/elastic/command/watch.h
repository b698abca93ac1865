/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef WATCH_H
#define WATCH_H

#include <stdint.h>

#define WATCH_LEAST_MS 500
#define WATCH_MOST_MS  60000

int watch(uint32_t every_ms);

#endif
