/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TRACE_H
#define TRACE_H

int trace_events(void);

#endif
