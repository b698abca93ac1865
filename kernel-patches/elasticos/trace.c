// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bodies of the trace events, and what their formats take for granted.
 */

#include <linux/module.h>

#include "session.h"

/* After what else has trace events: those would be created here as well. */
#define CREATE_TRACE_POINTS
#include "elasticos_trace.h"

/* Not in 2.6.38.8. The source is the same, so 6.1 checks it for both. */
#ifdef static_assert
static_assert(EOS_KIND_ZERO == 1 && EOS_KIND_PAGE == 2 &&
	      EOS_KIND_COPY == 3 && EOS_KIND_KEPT == 4,
	      "eos_show_kind() has the numbers of enum eos_kind");
static_assert(EOS_MODE_ADAPTIVE == 0 && EOS_MODE_THRESHOLD == 1 &&
	      EOS_MODE_STICKY == 2 && EOS_MODE_MIGRATE == 3,
	      "eos_show_mode() has the numbers of enum eos_mode");
#endif
