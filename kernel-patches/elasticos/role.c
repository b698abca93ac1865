// SPDX-License-Identifier: GPL-2.0-only
/*
 * Roles: who may say what, and when. A member of a process is believed only in
 * what its part in the protocol has it say; docs/elasticos-wire.md has the
 * table in words.
 *
 * Each message meets this before its body is read. Whoever handles one later
 * knows who has sent it, and that it was its turn.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>

#include "session.h"

const char *const eos_message_names[EOS_MESSAGES] = {
	[EOS_HELLO] = "HELLO",
	[EOS_META] = "META",
	[EOS_DISCARD] = "DISCARD",
	[EOS_PULL] = "PULL",
	[EOS_PAGES] = "PAGES",
	[EOS_PUSH] = "PUSH",
	[EOS_JUMP] = "JUMP",
	[EOS_RECALL] = "RECALL",
	[EOS_SYNC] = "SYNC",
	[EOS_SYNCED] = "SYNCED",
	[EOS_EXIT] = "EXIT",
	[EOS_WANT] = "WANT",
	[EOS_BEAT] = "BEAT",
	[EOS_LOST] = "LOST",
};

/* Ways that a message may go. */
#define EOS_FROM_HOME	1	/* home to a shell */
#define EOS_TO_HOME	2	/* a shell to home */
#define EOS_ACROSS	4	/* a shell to another */
#define EOS_ANY_WAY	(EOS_FROM_HOME | EOS_TO_HOME | EOS_ACROSS)

enum eos_turn {
	EOS_NEVER,
	EOS_FIRST,	/* on a connection of home's, and nothing else then */
	EOS_SERVED,	/* by a node that does not run the process */
	EOS_ASKED,	/* in answer */
	EOS_ANY_TIME,
};

static const struct {
	unsigned int ways;
	enum eos_turn turn;
} eos_roles[EOS_MESSAGES] = {
	[EOS_HELLO]	= { EOS_FROM_HOME | EOS_TO_HOME, EOS_FIRST },
	[EOS_META]	= { EOS_FROM_HOME, EOS_SERVED },
	[EOS_DISCARD]	= { EOS_FROM_HOME, EOS_SERVED },
	[EOS_PULL]	= { EOS_ANY_WAY, EOS_SERVED },
	[EOS_PAGES]	= { EOS_ANY_WAY, EOS_ASKED },
	[EOS_PUSH]	= { EOS_ANY_WAY, EOS_SERVED },
	[EOS_JUMP]	= { EOS_ANY_WAY, EOS_SERVED },
	[EOS_RECALL]	= { EOS_FROM_HOME, EOS_ANY_TIME },
	[EOS_SYNC]	= { EOS_ANY_WAY, EOS_SERVED },
	[EOS_SYNCED]	= { EOS_ANY_WAY, EOS_ASKED },
	[EOS_EXIT]	= { EOS_FROM_HOME, EOS_ANY_TIME },
	[EOS_WANT]	= { EOS_FROM_HOME, EOS_ANY_TIME },
	[EOS_BEAT]	= { EOS_ANY_WAY, EOS_ANY_TIME },
	[EOS_LOST]	= { EOS_TO_HOME, EOS_ANY_TIME },
};

static unsigned int eos_way(const struct eos_link *link)
{
	if (link->node == EOS_HOME)
		return EOS_FROM_HOME;
	return eos_is_home(link->session) ? EOS_TO_HOME : EOS_ACROSS;
}

static bool eos_turn(const struct eos_link *link, u8 type)
{
	switch (eos_roles[type].turn) {
	case EOS_FIRST:
		return !link->greeted;
	case EOS_SERVED:
		return eos_state(link->session) == EOS_PARKED;
	case EOS_ASKED:
		return link->asked == type;
	case EOS_ANY_TIME:
		return true;
	default:
		return false;
	}
}

/**
 * eos_role_refuse - give up a connection for what was said on it
 * @link: the connection; the streams are the caller's
 * @type: of the message
 *
 * Return: -EACCES, and it was logged.
 */
int eos_role_refuse(struct eos_link *link, u8 type)
{
	pr_err("node %u may not send %s to node %u now\n", link->node,
	       eos_message_names[type], link->session->self);
	eos_link_lost(link, -EACCES);
	return -EACCES;
}

/**
 * eos_role_check - whether the other end may send a message now
 * @link: the connection; the streams are the caller's
 * @type: of the message, a valid one
 *
 * Return: 0, or -EACCES and the link is lost.
 */
int eos_role_check(struct eos_link *link, u8 type)
{
	unsigned int way = eos_way(link);
	bool met = way == EOS_ACROSS || link->greeted;

	if (!(eos_roles[type].ways & way) || !eos_turn(link, type) ||
	    (!met && type != EOS_HELLO))
		return eos_role_refuse(link, type);
	link->greeted = true;
	return 0;
}
