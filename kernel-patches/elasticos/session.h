/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session is one stretched process as seen by one node.
 *
 * Exactly one node runs the process; the others are parked in their resume
 * hook and serve it. So there is one initiator at any instant: only the
 * running node pulls, pushes and jumps, and the streams need no matching of
 * answers to questions beyond their order.
 *
 * Lock order:
 *	eos_sessions_lock		the list of sessions
 *	  mmap_sem
 *	    session->mutex		the streams, while the process runs here
 *	      socket lock
 *	      pte lock, session->zap_lock
 *	session->request_lock		nests inside nothing but the list
 * Nothing is sent under a pte lock. A parked session's streams belong to the
 * parked task, which takes no mutex to read them.
 */
#ifndef _ELASTICOS_SESSION_H
#define _ELASTICOS_SESSION_H

#include <linux/completion.h>
#include <linux/elasticos.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/radix-tree.h>
#include <linux/uio.h>
#include <linux/wait.h>

#include "compat.h"
#include "counters.h"
#include "elasticos_ioctl.h"
#include "wire.h"

#define EOS_HOME	0	/* node number */
#define EOS_REASON_BYTES 80

enum eos_state {
	EOS_NEW,	/* attached, no other node has heard of it yet */
	EOS_RUNNING,	/* the process executes here */
	EOS_PARKED,	/* it executes elsewhere, we serve */
	EOS_DEAD,	/* over; the task has a SIGKILL coming */
};

struct eos_session;

/**
 * struct eos_link - the connection to one other node
 * @session:	whose
 * @node:	at the other end
 * @sock:	a connected stream, ours alone
 * @claimed:	user space is done with it
 * @up:		usable; cleared once and for ever when it breaks
 * @unsynced:	something was sent that no answer has confirmed yet
 * @told:	has the current list of mappings
 * @keeps:	may keep pages that it gave away
 * @room:	pages the other end can take, as last heard
 * @sent:	sequence number of the next message out
 * @received:	sequence number of the next message in
 */
struct eos_link {
	struct eos_session *session;
	unsigned int node;
	struct socket *sock;
	bool claimed;
	bool up;
	bool unsynced;
	bool told;
	bool keeps;
	s32 room;
	u32 sent;
	u32 received;

	eos_data_ready_fn data_ready;
	void (*state_change)(struct sock *sk);
	void (*error_report)(struct sock *sk);
};

/* What the device asks of the task; one at a time. */
enum eos_request_kind {
	EOS_REQUEST_NONE,
	EOS_REQUEST_STRETCH,
	EOS_REQUEST_CONTRACT,
	EOS_REQUEST_POLICY,
	EOS_REQUEST_JOIN,
};

struct eos_request {
	enum eos_request_kind kind;
	bool taken;
	int result;
	struct completion done;
	struct eos_link *link;
	struct eos_policy policy;
	u32 budget;
	u32 patience_ms;
};

/* A list of mappings: mmap.c */
struct eos_vmas {
	struct eos_wire_vma *list;
	unsigned int count;
	unsigned int room;
};

/* Pages given away and not forgotten: keep.c */
struct eos_keep {
	struct radix_tree_root here;	/* while parked: what this node keeps */
	struct radix_tree_root there;	/* while running: who else keeps what */
	unsigned long pages;		/* here */
};

/* The choice between pull and jump: policy.c */
struct eos_pace {
	u32 score[EOS_NODES];		/* pages recently pulled from each */
	u64 last_pull;			/* when the last pull ended */
	u64 pull_ns;			/* moving average of a pull's cost */
	u64 least_ns;			/* the shortest pull of late */
	u64 work_ns;			/* moving average of work between two */
	u64 arrived;			/* when execution last came here */
	u64 decided;			/* when it was last told to leave */
	u64 paging;			/* until the last pull, spent on pages */
	u64 pushed;			/* on pushes since the last pull */
	u64 source_toll;		/* the toll where it came from */
	bool chosen;			/* it came by choice of the policy */
};

/* Pages that go along with the execution: hot.c */
#define EOS_HOT_PAGES	8
struct eos_hot {
	unsigned long address[EOS_HOT_PAGES];
	unsigned int count;
	unsigned int pulls;		/* since the execution came */
};

struct eos_session {
	struct kref kref;
	struct list_head list;
	unsigned int wanted;		/* requests to come; sessions lock */
	struct mm_struct *mm;		/* no reference: cleared by release */
	struct task_struct *task;
	u64 cookie;
	unsigned int self;
	enum eos_state state;
	struct mutex mutex;
	wait_queue_head_t wait;
	struct eos_link *links[EOS_NODES];
	u32 lease_ms;
	u32 budget;
	u32 patience_ms;		/* left for another node, when all are full */
	struct eos_policy policy;
	char reason[EOS_REASON_BYTES];	/* why it died, or will */

	spinlock_t request_lock;
	struct eos_request *request;

	u64 epoch;
	u64 away;
	u64 recalled;			/* the value of away that was recalled */
	bool recall_wanted;		/* somebody at home needs the pages */
	unsigned int lost;		/* node, while away; or 0 */
	unsigned long lost_by;		/* jiffies: the registers were there */
	bool adopting;
	int jump_to;			/* node, or -1 */
	bool jump_forced;
	unsigned long hand;		/* of the clock */
	unsigned int push_target;
	bool evict_wanted;
	bool leave_wanted;		/* it gets a second thread */

	struct eos_vmas vmas_told;	/* as last sent */
	struct eos_vmas vmas_now;

	spinlock_t zap_lock;
	struct eos_wire_range *zapped;
	unsigned int zap_count;
	unsigned int zap_size;
	bool zap_lost;

	struct eos_pace pace;
	struct eos_readahead *readahead;
	struct eos_hot hot;
	struct eos_keep keep;
	struct eos_counters counters;
	void *cpu;			/* EOS_CPU_MAX bytes */
};

static inline bool eos_is_home(const struct eos_session *s)
{
	return s->self == EOS_HOME;
}

/* session.c */
extern struct mutex eos_sessions_lock;
extern struct list_head eos_sessions;
struct eos_session *eos_session_create(struct mm_struct *mm,
				       struct task_struct *task,
				       unsigned int self);
void eos_session_get(struct eos_session *s);
void eos_session_put(struct eos_session *s);
int eos_session_attach(struct eos_session *s);
void __printf(2, 3) eos_fail(struct eos_session *s, const char *format, ...);
void eos_finish(struct eos_session *s);
void eos_tell_all(struct eos_session *s, enum eos_message type, void *body,
		  size_t length);
void eos_session_release(struct mm_struct *mm);
bool eos_idle(struct eos_session *s);
int eos_session_leave(struct eos_session *s);
int eos_session_leave_idle(struct eos_session *s);
int eos_session_clone(struct mm_struct *mm, unsigned long clone_flags);

/* request.c */
int eos_session_ask(struct eos_session *s, struct eos_request *request,
		    unsigned int timeout_ms);
void eos_session_unwant(struct eos_session *s);
void eos_request_finish(struct eos_session *s, int result);
int eos_gather_all(struct eos_session *s);
int eos_contract(struct eos_session *s);
int eos_serve_request(struct eos_session *s);

/* greeting.c */
int eos_hello_send(struct eos_session *s, struct eos_link *link);
int eos_hello_check(struct eos_session *s, struct eos_link *link);
int eos_greet(struct eos_session *s, struct eos_link *link);

/* resume.c */
void eos_session_request_jump(struct eos_session *s, unsigned int node,
			      bool forced);
int eos_session_resume(struct pt_regs *regs);

/* transport.c */
struct eos_link *eos_link_create(struct eos_session *s, unsigned int node,
				 int fd);
void eos_link_destroy(struct eos_link *link);
int eos_send(struct eos_link *link, enum eos_message type, struct kvec *body,
	     unsigned int parts, size_t length);
int eos_send_ahead(struct eos_link *link, enum eos_message type,
		   struct kvec *body, unsigned int parts, size_t length);
int eos_receive_header(struct eos_link *link, struct eos_header *header);
int eos_receive_parts(struct eos_link *link, struct kvec *parts,
		      unsigned int count, size_t length);
int eos_receive(struct eos_link *link, void *buffer, size_t length);
int eos_await(struct eos_link *link, enum eos_message type,
	      struct eos_header *header);
bool eos_link_readable(const struct eos_link *link);
void eos_link_lost(struct eos_link *link, int error);
int eos_sync_others(struct eos_session *s, unsigned int except);
s32 eos_room(struct eos_session *s);

/* remote_page.c */
swp_entry_t eos_entry(unsigned int node);
unsigned int eos_entry_node(swp_entry_t entry);
bool eos_vma_moves(const struct vm_area_struct *vma);
int eos_put_zero(struct eos_session *s, struct vm_area_struct *vma,
		 unsigned long address);
enum eos_found eos_take_page(struct eos_session *s, struct vm_area_struct *vma,
			     unsigned long address, unsigned int to,
			     bool patient, struct page **page,
			     unsigned int *owner);

/* pull.c */
vm_fault_t eos_pull_fault(struct vm_area_struct *vma, unsigned long address,
			  unsigned int flags, swp_entry_t entry);
vm_fault_t eos_pull_fault_none(struct vm_area_struct *vma,
			       unsigned long address, unsigned int flags);
int eos_pull_serve(struct eos_session *s, struct eos_link *link);
int eos_pull_gather(struct mm_struct *mm, unsigned long start,
		    unsigned long end);

/* push.c */
bool eos_over_budget(struct eos_session *s);
void eos_push_soon(struct eos_session *s);
int eos_push(struct eos_session *s);
int eos_push_everything(struct eos_session *s, unsigned int node);
int eos_push_ahead(struct eos_session *s, struct eos_link *link,
		   const unsigned long *addresses, unsigned int count);
int eos_push_receive(struct eos_session *s, struct eos_link *link,
		     size_t length);

/* keep.c */
void eos_keep_init(struct eos_keep *keep);
bool eos_keep_page(struct eos_session *s, unsigned long address,
		   struct page *page);
struct page *eos_kept_take(struct eos_session *s, unsigned long address);
void eos_kept_drop(struct eos_session *s, unsigned long start,
		   unsigned long end);
int eos_keeper_note(struct eos_session *s, unsigned long address,
		    unsigned int node);
unsigned int eos_keeper(struct eos_session *s, unsigned long address);
void eos_keeper_forget(struct eos_session *s, unsigned long address);
void eos_keepers_forget(struct eos_session *s);
bool eos_keepers(const struct eos_session *s);

/* hot.c */
void eos_hot_received(struct eos_session *s, const struct eos_wire_push *push,
		      unsigned int count);
void eos_hot_arrived(struct eos_session *s);
void eos_hot_pulled(struct eos_session *s, unsigned long address,
		    unsigned int pages);
int eos_hot_push(struct eos_session *s, struct eos_link *link,
		 unsigned long stack);

/* jump.c */
int eos_jump(struct eos_session *s, unsigned int node, struct pt_regs *regs);
int eos_jump_receive(struct eos_session *s, struct eos_link *link,
		     size_t length, struct pt_regs *regs);

/* mmap.c */
int eos_mmap_flush(struct eos_session *s);
int eos_mmap_receive(struct eos_session *s, struct eos_link *link,
		     size_t length);
int eos_mmap_receive_discard(struct eos_session *s, struct eos_link *link,
			     size_t length);
void eos_mmap_zapped(struct mm_struct *mm, unsigned long start,
		     unsigned long end);
int eos_mmap_clear(void);

/* syscall.c */
int eos_syscall_enter(struct pt_regs *regs);
int eos_syscall_bad_area(struct mm_struct *mm, unsigned long address);
bool eos_syscall_traps(struct eos_session *s);

/* policy.c */
int eos_policy_check(const struct eos_policy *policy);
void eos_policy_reset(struct eos_session *s);
bool eos_policy_jumps(struct eos_session *s, unsigned int node,
		      unsigned long address);
void eos_policy_pulled(struct eos_session *s, unsigned int node,
		       unsigned int pages, u64 started);
void eos_policy_pushed(struct eos_session *s, u64 started);
u64 eos_policy_toll(const struct eos_session *s);
void eos_policy_leaves(struct eos_session *s, bool forced);
void eos_policy_arrived(struct eos_session *s, bool forced, u64 source_toll);

/* readahead.c */
struct eos_readahead *eos_readahead_create(void);
unsigned int eos_readahead_expected(struct eos_session *s,
				    unsigned long address);
unsigned int eos_readahead_window(struct eos_session *s, unsigned long address);
void eos_readahead_pulled(struct eos_session *s, unsigned long address,
			  unsigned int pages);

/* counters.c */
int eos_counters_init(void);
void eos_counters_exit(void);

#endif
