/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads and writes of the arena. They are planned first, where the model is,
 * and then made without a look at the model: so they do not end a stay on
 * another node.
 */
#ifndef MMFUZZ_VISITS_H
#define MMFUZZ_VISITS_H

#include "model.h"

void visit(void);
void visit_all(void);
void visit_hidden(void);
void visit_page_now(uint32_t number, const char *how);
void visit_by_force(int memory, uint32_t number, const char *how);

#endif
