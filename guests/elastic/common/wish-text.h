/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A wish as the value of an environment variable. `elastic run --children` sets
 * the variable, and what it starts inherits it. So a child whose parent has
 * ended can still be told from other processes.
 */
#ifndef WISH_TEXT_H
#define WISH_TEXT_H

#include <stdbool.h>

#include "control.h"

#define WISH_VARIABLE   "ELASTIC_CHILDREN"
#define WISH_TEXT_BYTES 80

void wish_to_text(const struct wish *wish, char text[WISH_TEXT_BYTES]);
bool wish_from_text(const char *text, struct wish *wish);

#endif
