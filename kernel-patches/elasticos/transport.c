// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams: one ordered TCP connection between each two nodes of a process.
 *
 * Nothing that arrives is believed before it was checked: the header's own
 * checksum and sequence, then a bound on the length by type. A stream that
 * fails any of it is dead for good; there is no resynchronising.
 *
 * Loss of the other machine is TCP's to notice: probes every quarter of the
 * lease while nothing is under way, TCP_USER_TIMEOUT for what is. Loss of the
 * task there is noticed here: no wait is longer than the lease (lease.c).
 *
 * A connection is used by the owner of the session's streams only; see
 * session.h. The network's callbacks just wake it.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/crc32.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/vmstat.h>
#include <net/tcp_states.h>

#include "elasticos_trace.h"
#include "fault.h"
#include "session.h"

#define EOS_BUFFER_BYTES	(1024 * 1024)	/* send and receive each */

static const struct {
	size_t least;
	size_t most;
} eos_bounds[EOS_MESSAGES] = {
	[EOS_HELLO]	= { sizeof(struct eos_wire_hello),
			    sizeof(struct eos_wire_hello) },
	[EOS_META]	= { 0, EOS_VMAS_MAX * sizeof(struct eos_wire_vma) },
	[EOS_DISCARD]	= { sizeof(struct eos_wire_range),
			    EOS_RANGES_MAX * sizeof(struct eos_wire_range) },
	[EOS_PULL]	= { sizeof(struct eos_wire_pull),
			    sizeof(struct eos_wire_pull) },
	[EOS_PAGES]	= { sizeof(struct eos_wire_pages),
			    sizeof(struct eos_wire_pages) +
			    EOS_WINDOW_MAX * PAGE_SIZE },
	[EOS_PUSH]	= { sizeof(struct eos_wire_push),
			    sizeof(struct eos_wire_push) +
			    EOS_BATCH * PAGE_SIZE },
	[EOS_JUMP]	= { sizeof(struct eos_wire_jump),
			    sizeof(struct eos_wire_jump) + EOS_CPU_MAX },
	[EOS_RECALL]	= { sizeof(struct eos_wire_recall),
			    sizeof(struct eos_wire_recall) },
	[EOS_SYNC]	= { 0, 0 },
	[EOS_SYNCED]	= { 0, 0 },
	[EOS_EXIT]	= { 0, 0 },
	[EOS_WANT]	= { sizeof(struct eos_wire_want),
			    sizeof(struct eos_wire_want) },
	[EOS_BEAT]	= { sizeof(struct eos_wire_beat),
			    sizeof(struct eos_wire_beat) },
	[EOS_LOST]	= { sizeof(struct eos_wire_lost),
			    sizeof(struct eos_wire_lost) },
};

/* What happens to current while it speaks to another node, to be told later. */
struct eos_signals {
	sigset_t old;
	bool pending;	/* what no mask keeps away */
	bool notify;	/* 6.1: work that is told like a signal */
};

/* What it takes to wait for the other end in the midst of a message. */
struct eos_wait {
	struct eos_signals signals;
	unsigned long since;	/* jiffies: when this wait began */
	unsigned long quiet;	/* jiffies waited since the last page came */
	size_t paged;		/* bytes done by then */
	size_t done;		/* bytes until now */
	bool sending;
};

/*
 * Nothing that is sent to current may cut a message in two: half a message is a
 * lost node. Only SIGKILL for the process itself does, after which nobody needs
 * the rest. Whoever else looks at its memory has to bear with its own SIGKILL.
 */
static void eos_signals_block(struct eos_signals *signals)
{
	sigset_t block;

	signals->pending = false;
	signals->notify = false;
	siginitsetinv(&block, sigmask(SIGKILL));
	sigprocmask(SIG_BLOCK, &block, &signals->old);
}

/*
 * Whether the network gave up for what no mask keeps away (SIGKILL, a trap of
 * ptrace, the freezer, work for the return to user space), and has to go on as
 * if it had not come. eos_signals_restore() tells of it again.
 */
static bool eos_signals_defer(struct eos_session *s,
			      struct eos_signals *signals, int error)
{
	if (error != -ERESTARTSYS && error != -EINTR)
		return false;
	if (eos_clear_notify_signal())
		signals->notify = true;
	if (test_and_clear_thread_flag(TIF_SIGPENDING))
		signals->pending = true;
	/* a full barrier: a SIGKILL from now on sets the flag again */
	return s->dying || current != s->task ||
	       !__fatal_signal_pending(current);
}

static void eos_signals_restore(struct eos_signals *signals)
{
	sigprocmask(SIG_SETMASK, &signals->old, NULL);
	if (signals->pending)
		set_thread_flag(TIF_SIGPENDING);
	if (signals->notify)
		eos_set_notify_signal();
}

/* Pages that this node can take before it has to give some away itself. */
s32 eos_room(struct eos_session *s)
{
	struct mm_struct *mm = s->mm;
	u32 budget = READ_ONCE(s->budget);

	eos_assert_streams(s);
	if (!mm)
		return 0;
	if (!budget)
		return min_t(unsigned long, eos_free_pages() / 2, INT_MAX);
	return (s32)budget - (s32)(eos_anonymous_pages(mm) + s->keep.pages);
}

static void eos_wake(struct eos_link *link)
{
	struct eos_session *s = link->session;

	if (eos_state(s) == EOS_RUNNING)
		eos_kick(s->task);
	wake_up_all(&s->wait);
}

/*
 * The socket's callbacks. They may be called from softirq context. The lock is
 * what keeps the link: eos_link_destroy() takes it for write first.
 */
static EOS_DATA_READY(eos_data_ready)
{
	struct eos_link *link;

	read_lock_bh(&sk->sk_callback_lock);
	link = eos_user_data(sk);
	if (link) {
		EOS_PASS_READY(link->data_ready, sk);
		eos_wake(link);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void eos_state_change(struct sock *sk)
{
	struct eos_link *link;

	read_lock_bh(&sk->sk_callback_lock);
	link = eos_user_data(sk);
	if (link) {
		link->state_change(sk);
		eos_wake(link);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void eos_error_report(struct sock *sk)
{
	struct eos_link *link;

	read_lock_bh(&sk->sk_callback_lock);
	link = eos_user_data(sk);
	if (link) {
		link->error_report(sk);
		eos_wake(link);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void eos_set_option(struct socket *sock, int level, int name, int value)
{
	if (eos_setsockopt(sock, level, name, value))
		pr_warn("socket option %d/%d refused\n", level, name);
}

/* The options for it take whole seconds only. On again, its timer is new. */
static void eos_probe_each(struct socket *sock, unsigned long interval)
{
	struct tcp_sock *tcp = tcp_sk(sock->sk);

	eos_set_option(sock, SOL_SOCKET, SO_KEEPALIVE, 0);
	lock_sock(sock->sk);
	WRITE_ONCE(tcp->keepalive_time, interval);
	WRITE_ONCE(tcp->keepalive_intvl, interval);
	release_sock(sock->sk);
	eos_set_option(sock, SOL_SOCKET, SO_KEEPALIVE, 1);
}

static void eos_configure(struct socket *sock, const struct eos_session *s)
{
	eos_set_option(sock, SOL_TCP, TCP_NODELAY, 1);
	eos_set_option(sock, SOL_TCP, TCP_USER_TIMEOUT, s->lease_ms);
	eos_probe_each(sock, s->beat);
	eos_set_option(sock, SOL_SOCKET, SO_SNDBUFFORCE, EOS_BUFFER_BYTES);
	eos_set_option(sock, SOL_SOCKET, SO_RCVBUFFORCE, EOS_BUFFER_BYTES);
}

/**
 * eos_links_configure - the lease has changed
 * @s: session; the streams are the caller's
 */
void eos_links_configure(struct eos_session *s)
{
	unsigned int node;

	eos_assert_streams(s);
	for (node = 0; node < EOS_NODES; node++)
		if (s->links[node])
			eos_configure(s->links[node]->sock, s);
}

/*
 * Make a socket ours: from here on its callbacks find the link. The socket lock
 * keeps its state, sk_callback_lock its user data: two callers with one
 * descriptor, of whom only one may have it, meet here.
 */
static int eos_link_take_over(struct eos_link *link)
{
	struct sock *sk = link->sock->sk;
	int ret = -EINVAL;

	lock_sock(sk);
	write_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_state != TCP_ESTABLISHED || eos_user_data(sk))
		goto out;
	eos_keep_fragments(sk);
	link->data_ready = sk->sk_data_ready;
	link->state_change = sk->sk_state_change;
	link->error_report = sk->sk_error_report;
	eos_set_user_data(sk, link);
	sk->sk_data_ready = eos_data_ready;
	sk->sk_state_change = eos_state_change;
	sk->sk_error_report = eos_error_report;
	ret = 0;
out:
	write_unlock_bh(&sk->sk_callback_lock);
	release_sock(sk);
	return ret;
}

/* The reverse. No callback uses the link when this returns. */
static void eos_link_give_back(struct eos_link *link)
{
	struct sock *sk = link->sock->sk;

	lock_sock(sk);
	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = link->data_ready;
	sk->sk_state_change = link->state_change;
	sk->sk_error_report = link->error_report;
	eos_set_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
	release_sock(sk);
}

/**
 * eos_link_create - take over a connected stream socket
 * @s: session, not attached to anything the caller has not excluded
 * @node: at the other end
 * @fd: descriptor of the caller
 * @keys: what seals it, a pointer of the caller's to struct eos_keys; or 0
 *
 * Return: the link, not yet in @s->links, or an ERR_PTR.
 */
struct eos_link *eos_link_create(struct eos_session *s, unsigned int node,
				 int fd, u64 keys)
{
	struct eos_link *link;
	struct socket *sock;
	int ret;

	sock = sockfd_lookup(fd, &ret);
	if (!sock)
		return ERR_PTR(ret);
	ret = -EINVAL;
	if (sock->type != SOCK_STREAM || sock->sk->sk_protocol != IPPROTO_TCP)
		goto put;
	ret = -ENOMEM;
	link = kzalloc(sizeof(*link), GFP_KERNEL);
	if (!link)
		goto put;
	link->session = s;
	link->node = node;
	link->sock = sock;
	link->up = true;
	link->seal = eos_seal_create(keys);
	if (IS_ERR(link->seal)) {
		ret = PTR_ERR(link->seal);
		goto free;
	}
	ret = eos_link_take_over(link);
	if (ret)
		goto unseal;
	eos_configure(sock, s);
	return link;

unseal:
	eos_seal_destroy(link->seal);
free:
	kfree(link);
put:
	sockfd_put(sock);
	return ERR_PTR(ret);
}

/**
 * eos_link_destroy - close a connection
 * @link: no longer reachable from its session
 */
void eos_link_destroy(struct eos_link *link)
{
	eos_link_give_back(link);
	kernel_sock_shutdown(link->sock, SHUT_RDWR);
	sockfd_put(link->sock);
	eos_seal_destroy(link->seal);
	kfree(link);
}

/**
 * eos_link_readable - whether a read would find something, or the end
 * @link: the connection
 */
bool eos_link_readable(const struct eos_link *link)
{
	struct sock *sk = link->sock->sk;

	return eos_seal_left(link->seal) ||
	       !skb_queue_empty_lockless(&sk->sk_receive_queue) ||
	       READ_ONCE(sk->sk_err) || eos_receive_shut(sk) ||
	       READ_ONCE(sk->sk_state) != TCP_ESTABLISHED;
}

/**
 * eos_linked - whether any other node is left
 * @s: session; the streams are the caller's
 */
bool eos_linked(const struct eos_session *s)
{
	unsigned int node;

	for (node = 0; node < EOS_NODES; node++)
		if (s->links[node] && s->links[node]->up)
			return true;
	return false;
}

/* What it means for the process that a node is lost. */
static void eos_node_lost(struct eos_session *s, unsigned int node, int error)
{
	if (!eos_is_home(s)) {
		if (node == EOS_HOME)
			eos_fail(s, "home is lost (%d)", error);
		else
			s->losses |= 1UL << node;
		return;
	}
	if (eos_state(s) == EOS_PARKED && !eos_linked(s)) {
		eos_fail(s, "node %u is lost (%d), and the registers with it",
			 node, error);
		return;
	}
	if (eos_state(s) == EOS_PARKED) {
		s->lost = node;
		WRITE_ONCE(s->recall_wanted, true);
	}
	eos_set_reason(s, "node %u is lost (%d), its pages are gone", node,
		       error);
	pr_err("process %d: %s\n", task_pid_nr(s->task), s->reason);
}

/**
 * eos_link_lost - the other end is gone for good
 * @link: the connection; the streams are the caller's
 * @error: -errno
 *
 * Elsewhere than at home, losing home is the end, and losing another node is
 * told to home. At home the process goes on until it needs a page of the lost
 * node, unless its registers were there: of two other nodes or more nobody
 * knows which has them, so they are recalled.
 */
void eos_link_lost(struct eos_link *link, int error)
{
	struct eos_session *s = link->session;

	eos_assert_streams(s);
	if (!link->up)
		return;
	WRITE_ONCE(link->up, false);
	link->error = error;
	/* being killed cuts a message as well */
	if (eos_state(s) == EOS_DEAD ||
	    (current == s->task && fatal_signal_pending(current)))
		return;
	eos_node_lost(s, link->node, error);
	trace_eos_loss(s, link->node, error);
}

/*
 * Pulls send and receive with mmap_lock held, user sockets never do. Whoever
 * handed this one over may have had something left to say to the other end; by
 * the time that a kernel speaks, it has been said.
 */
static void eos_link_claim(struct eos_link *link)
{
	struct sock *sk = link->sock->sk;

	if (!link->claimed)
		eos_reclassify_socket(sk);
	link->claimed = true;
	/* nothing waits longer than this without looking round */
	sk->sk_rcvtimeo = link->session->beat;
	sk->sk_sndtimeo = link->session->beat;
}

static u32 eos_header_crc(const struct eos_header *header)
{
	return crc32_le(~0, (const u8 *)header,
			offsetof(struct eos_header, crc));
}

/*
 * A wait for the other end is over, of which @ret is the outcome. Returns 0 to
 * go on waiting, or -errno: the stream has ended, or a lease has passed in which
 * less than a page was done.
 */
static int eos_waited(struct eos_link *link, struct eos_wait *wait, int ret)
{
	struct eos_session *s = link->session;

	if (ret < 0 && ret != -EAGAIN &&
	    !eos_signals_defer(s, &wait->signals, ret))
		return ret;
	if (wait->done - wait->paged >= PAGE_SIZE) {
		wait->paged = wait->done;
		wait->quiet = 0;
	} else if (eos_silent(s, wait->since, &wait->quiet) ||
		   (ret == -EAGAIN && eos_machine_silent(link))) {
		return -ETIMEDOUT;
	}
	eos_beat_waiting(s, link, wait->sending);
	wait->since = jiffies;
	return 0;
}

/* Returns 0 when the network has taken all bytes, or -errno. */
static int eos_write(struct eos_link *link, struct eos_wait *wait,
		     struct kvec *parts, unsigned int count, size_t length,
		     unsigned int flags)
{
	int ret;

	for (;;) {
		struct msghdr message = { .msg_flags = MSG_NOSIGNAL | flags };

		ret = kernel_sendmsg(link->sock, &message, parts, count,
				     length);
		if (ret > 0) {
			wait->done += ret;
			length -= ret;
		}
		if (!length)
			return 0;
		if (ret > 0)
			eos_parts_advance(parts, ret);
		ret = eos_waited(link, wait, ret);
		if (ret)
			return ret;
	}
}

/* Returns 0 when all bytes have come, or -errno. */
static int eos_read(struct eos_link *link, struct eos_wait *wait,
		    struct kvec *parts, unsigned int count, size_t length)
{
	int ret;

	while (length) {
		struct msghdr message = { };

		ret = kernel_recvmsg(link->sock, &message, parts, count, length,
				     MSG_WAITALL);
		if (ret > 0) {
			wait->done += ret;
			length -= ret;
		}
		if (!length)
			break;
		if (ret > 0)
			eos_parts_received(parts, ret);
		ret = ret ? eos_waited(link, wait, ret) : -ECONNRESET;
		if (ret)
			return ret;
	}
	return 0;
}

/* The same as eos_write(), in records. */
static int eos_write_sealed(struct eos_link *link, struct eos_wait *wait,
			    struct kvec *parts, size_t length,
			    unsigned int flags)
{
	struct kvec record;
	int ret = 0;

	while (length && !ret) {
		ret = eos_seal_close(link->seal, parts, &length, &record);
		if (!ret)
			ret = eos_write(link, wait, &record, 1, record.iov_len,
					length ? flags | MSG_MORE : flags);
	}
	return ret;
}

/* Returns 0 when the next record has come and is what was sent, or -errno. */
static int eos_read_record(struct eos_link *link, struct eos_wait *wait)
{
	struct kvec part;
	int ret;

	eos_seal_begin(link->seal, &part);
	ret = eos_read(link, wait, &part, 1, part.iov_len);
	if (ret)
		return ret;
	ret = eos_seal_rest(link->seal, &part);
	if (!ret)
		ret = eos_read(link, wait, &part, 1, part.iov_len);
	if (!ret)
		ret = eos_seal_open(link->seal);
	if (ret == -EBADMSG)
		pr_err("a record from node %u was changed, repeated or left out\n",
		       link->node);
	if (ret == -EPROTO)
		pr_err("node %u speaks in clear where all has to be sealed\n",
		       link->node);
	return ret;
}

/* The same as eos_read(), from records. */
static int eos_read_sealed(struct eos_link *link, struct eos_wait *wait,
			   struct kvec *parts, size_t length)
{
	int ret = 0;

	while (length && !ret) {
		if (!eos_seal_left(link->seal))
			ret = eos_read_record(link, wait);
		else
			length -= eos_seal_take(link->seal, parts, length);
	}
	return ret;
}

static int eos_send_parts(struct eos_link *link, struct kvec *parts,
			  unsigned int count, size_t length, unsigned int flags)
{
	struct eos_wait wait = { .since = jiffies, .sending = true };
	int ret;

	eos_signals_block(&wait.signals);
	if (unlikely(link->seal))
		ret = eos_write_sealed(link, &wait, parts, length, flags);
	else
		ret = eos_write(link, &wait, parts, count, length, flags);
	eos_signals_restore(&wait.signals);
	return ret;
}

static int eos_send_flags(struct eos_link *link, enum eos_message type,
			  struct kvec *body, unsigned int parts, size_t length,
			  unsigned int flags)
{
	struct eos_session *s = link->session;
	struct eos_header header = {
		.magic = cpu_to_le32(EOS_MAGIC),
		.version = EOS_VERSION,
		.type = type,
		.length = cpu_to_le32(length),
		.sequence = cpu_to_le32(link->sent),
		.room = cpu_to_le32(eos_room(s)),
	};
	size_t total = sizeof(header) + length;
	int ret;

	eos_assert_streams(s);
	if (!link->up)
		return -ENOTCONN;
	header.crc = cpu_to_le32(eos_header_crc(&header));
	body[0].iov_base = &header;
	body[0].iov_len = sizeof(header);
	link->sent++;
	eos_link_claim(link);

	eos_fault_point(link, EOS_FAULT_SEND, type);
	ret = eos_send_parts(link, body, parts, total, flags);
	if (ret) {
		eos_link_lost(link, ret);
		return ret;
	}
	/* a beat changes nothing there */
	if (type != EOS_BEAT)
		link->unsynced = true;
	s->counters.bytes_sent += total;
	eos_fault_point(link, EOS_FAULT_SENT, type);
	return 0;
}

/**
 * eos_send - send one message whole
 * @link: the connection; the streams are the caller's
 * @type: of the message
 * @body: its parts, may be changed; @body[0] is the caller's to leave free for
 *	the header
 * @parts: how many, with the free one
 * @length: bytes in the parts after the first
 *
 * Return: 0 or -errno, and then the link is lost.
 */
int eos_send(struct eos_link *link, enum eos_message type, struct kvec *body,
	     unsigned int parts, size_t length)
{
	return eos_send_flags(link, type, body, parts, length, 0);
}

/**
 * eos_send_ahead - eos_send() of what another message follows at once
 * @link: the connection
 * @type: of the message
 * @body: as for eos_send()
 * @parts: as for eos_send()
 * @length: as for eos_send()
 *
 * Both leave together: one interrupt and one wake-up at the other end.
 *
 * Return: 0 or -errno, and then the link is lost.
 */
int eos_send_ahead(struct eos_link *link, enum eos_message type,
		   struct kvec *body, unsigned int parts, size_t length)
{
	return eos_send_flags(link, type, body, parts, length, MSG_MORE);
}

/**
 * eos_receive_parts - read part of a body into several places
 * @link: the connection; the streams are the caller's
 * @parts: where, changed
 * @count: of @parts
 * @length: exactly how many bytes
 *
 * Return: 0 or -errno, and then the link is lost.
 */
int eos_receive_parts(struct eos_link *link, struct kvec *parts,
		      unsigned int count, size_t length)
{
	struct eos_wait wait = { .since = jiffies };
	int ret;

	eos_assert_streams(link->session);
	if (!link->up)
		return -ENOTCONN;
	eos_link_claim(link);
	eos_signals_block(&wait.signals);
	if (unlikely(link->seal))
		ret = eos_read_sealed(link, &wait, parts, length);
	else
		ret = eos_read(link, &wait, parts, count, length);
	eos_signals_restore(&wait.signals);
	if (ret) {
		eos_link_lost(link, ret);
		return ret;
	}
	link->session->counters.bytes_received += length;
	return 0;
}

/**
 * eos_receive - read part of a body
 * @link: the connection
 * @buffer: where
 * @length: exactly how many bytes
 *
 * Return: 0 or -errno, and then the link is lost.
 */
int eos_receive(struct eos_link *link, void *buffer, size_t length)
{
	struct kvec part = { .iov_base = buffer, .iov_len = length };

	return eos_receive_parts(link, &part, 1, length);
}

static int eos_header_check(struct eos_link *link,
			    const struct eos_header *header)
{
	u32 length = le32_to_cpu(header->length);

	if (header->magic != cpu_to_le32(EOS_MAGIC) ||
	    header->version != EOS_VERSION ||
	    header->crc != cpu_to_le32(eos_header_crc(header)) ||
	    header->sequence != cpu_to_le32(link->received) ||
	    header->type == 0 || header->type >= EOS_MESSAGES ||
	    length < eos_bounds[header->type].least ||
	    length > eos_bounds[header->type].most)
		return -EPROTO;
	return 0;
}

/**
 * eos_receive_header - wait for the next message
 * @link: the connection
 * @header: its checked header
 *
 * Return: 0 or -errno, and then the link is lost.
 */
int eos_receive_header(struct eos_link *link, struct eos_header *header)
{
	int ret = eos_receive(link, header, sizeof(*header));

	if (ret)
		return ret;
	ret = eos_header_check(link, header);
	if (ret) {
		eos_link_lost(link, ret);
		return ret;
	}
	ret = eos_role_check(link, header->type);
	if (ret)
		return ret;
	link->received++;
	WRITE_ONCE(link->room, (s32)le32_to_cpu(header->room));
	eos_fault_point(link, EOS_FAULT_RECEIVED, header->type);
	return 0;
}

/**
 * eos_hear - take what may come at any time
 * @link: the connection; the streams are the caller's
 * @header: of the message
 *
 * A BEAT has done its work by having come.
 *
 * Return: 0 or -errno. Anything else ends the stream.
 */
int eos_hear(struct eos_link *link, const struct eos_header *header)
{
	struct eos_session *s = link->session;
	struct eos_wire_recall recall;
	int ret;

	if (header->type == EOS_BEAT)
		return eos_beat_heard(s, link);
	if (header->type == EOS_LOST)
		return eos_losses_hear(s, link);
	if (header->type == EOS_WANT)
		return eos_onlooker_heard(s, link);
	if (header->type == EOS_EXIT) {
		eos_finish(s);
		return -ESHUTDOWN;
	}
	if (header->type == EOS_RECALL) {
		ret = eos_receive(link, &recall, sizeof(recall));
		if (!ret)
			s->recalled = le64_to_cpu(recall.away);
		return ret;
	}
	eos_link_lost(link, -EPROTO);
	return -EPROTO;
}

/**
 * eos_await - wait for the answer to what was just sent
 * @link: the connection
 * @type: of the answer
 * @header: its checked header
 *
 * Return: 0 or -errno.
 */
int eos_await(struct eos_link *link, enum eos_message type,
	      struct eos_header *header)
{
	int ret;

	link->asked = type;
	do {
		ret = eos_receive_header(link, header);
		if (ret || header->type == type)
			break;
		ret = eos_hear(link, header);
		if (!ret && header->type == EOS_RECALL)
			eos_kick(link->session->task);
	} while (!ret);
	link->asked = 0;
	if (!ret)
		link->unsynced = false;
	return ret;
}

/* Wait until a node has confirmed. One that is lost has nothing to confirm. */
static int eos_sync_end(struct eos_link *link)
{
	struct eos_header header;
	int ret = eos_await(link, EOS_SYNCED, &header);

	if (!ret || !link->up)
		link->keeps = false;
	return link->up ? ret : 0;
}

/**
 * eos_sync_others - have all nodes but one confirm what was sent to them
 * @s: session, running; the mutex is held
 * @except: the one that needs no answer, its stream being in order
 *
 * Streams are ordered each for itself. Before another node gets to act, what
 * the others were told must have arrived there. Nobody keeps a page any longer
 * then. A node that is found lost has nothing to confirm. All are asked before
 * the first answer is waited for.
 *
 * Return: 0 or -errno.
 */
int eos_sync_others(struct eos_session *s, unsigned int except)
	__must_hold(&s->mutex)
{
	unsigned long asked = 0;
	unsigned int node;
	int ret = 0, answer;

	lockdep_assert_held(&s->mutex);
	eos_keepers_forget(s);
	for (node = 0; node < EOS_NODES; node++) {
		struct eos_link *link = s->links[node];
		struct kvec body[1];

		if (!link || !link->up || node == except ||
		    !(link->unsynced || link->keeps))
			continue;
		s->counters.syncs++;
		if (!eos_send(link, EOS_SYNC, body, 1, 0))
			__set_bit(node, &asked);
	}
	/* each has its answer taken: it must not be met by another question */
	for_each_set_bit(node, &asked, EOS_NODES) {
		answer = eos_sync_end(s->links[node]);
		ret = ret ? ret : answer;
	}
	return eos_state(s) == EOS_DEAD && !ret ? -ESHUTDOWN : ret;
}
