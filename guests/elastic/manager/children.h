/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds the children of processes that were run with --children. */
#ifndef CHILDREN_H
#define CHILDREN_H

#include "manager.h"

int64_t children_look(struct manager *manager);

#endif
