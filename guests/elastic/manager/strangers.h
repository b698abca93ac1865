/* SPDX-License-Identifier: GPL-2.0-only */
/* Callers that have not proven yet that they know the key. */
#ifndef STRANGERS_H
#define STRANGERS_H

#include "manager.h"

#define STRANGERS_MOST   16
#define STRANGERS_OF_ONE 4 /* from one address */

struct worker *stranger_in_the_way(struct manager *manager, uint32_t address);

#endif
