/* SPDX-License-Identifier: GPL-2.0-only */
/* The reports of workers, and what follows from them. */
#ifndef REPORTS_H
#define REPORTS_H

#include "manager.h"

void report_dismiss(struct worker *worker);
void report_take(struct manager *manager, struct worker *worker);

#endif
