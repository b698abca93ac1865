/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _ELASTICOS_FAULT_H
#define _ELASTICOS_FAULT_H

#include "session.h"

enum eos_fault_place {
	EOS_FAULT_SEND,		/* about to send a message */
	EOS_FAULT_SENT,
	EOS_FAULT_RECEIVED,	/* its header, that is */
	EOS_FAULT_SHOW,		/* /proc/elasticos has found a connection */
	EOS_FAULT_PLACES
};

#ifdef CONFIG_ELASTICOS_DEBUG

int eos_fault_init(void);
void eos_fault_exit(void);
void eos_fault_point(struct eos_link *link, enum eos_fault_place place,
		     enum eos_message type);
bool eos_fault_refuses(enum eos_message type);
void eos_fault_keep(struct eos_session *s, unsigned long address,
		    struct page *page);

#else

static inline int eos_fault_init(void)
{
	return 0;
}

static inline void eos_fault_exit(void)
{
}

static inline void eos_fault_point(struct eos_link *link,
				   enum eos_fault_place place,
				   enum eos_message type)
{
}

static inline bool eos_fault_refuses(enum eos_message type)
{
	return false;
}

static inline void eos_fault_keep(struct eos_session *s, unsigned long address,
				  struct page *page)
{
}

#endif

#endif
