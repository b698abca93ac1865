/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session is one stretched process as seen by one node.
 *
 * Exactly one node runs the process; the others are parked in their resume
 * hook and serve it. So there is one initiator at any instant: only the
 * running node pulls, pushes and jumps, and the streams need no matching of
 * answers to questions beyond their order.
 *
 * Lock order, the outermost first; what is indented nests in what stands above:
 *
 *	eos_sessions_lock		the list of sessions
 *	  mm->mmap_lock			mmap_sem in 2.6.38
 *	    session->mutex		the streams, while the process runs here
 *	      socket lock		of a class of its own, sk_lock-elasticos
 *	      session->show_lock
 *	      pte lock
 *	        eos_attach_lock		core/mm/elasticos.c
 *	          session->zap_lock
 *	    session->request_lock
 *
 * sk->sk_callback_lock nests in the socket's lock, and in it the lock of
 * session->wait; that much happens in softirq context. Nothing is sent under a
 * spinlock.
 *
 * Who may use what. Beside its locks a session knows two kinds of exclusion:
 *
 * The task. What is marked "the task's" is used by session->task only, in its
 * hooks, hence needs no lock: eos_assert_task().
 *
 * The streams. While the process runs here they belong to whoever holds
 * session->mutex: the task, or another that faults in its address space. While
 * it is parked, and before it begins, they belong to the task alone, which
 * takes no mutex then: eos_assert_streams(). The step from one to the other is
 * the session's state, whose store is a release and whose load an acquire. When
 * no hook can reach the session any more they are its last user's.
 */
#ifndef _ELASTICOS_SESSION_H
#define _ELASTICOS_SESSION_H

#include <linux/completion.h>
#include <linux/elasticos.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/radix-tree.h>
#include <linux/spinlock.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

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
struct eos_seal;

/**
 * struct eos_link - the connection to one other node
 * @session:	whose
 * @node:	at the other end
 * @sock:	a connected stream, ours alone
 * @seal:	NULL when it is plain
 * @data_ready:	what the socket called before it was ours
 * @state_change: likewise
 * @error_report: likewise
 * @up:		usable; cleared once and for ever when it breaks
 * @error:	-errno, why it broke
 * @room:	pages the other end can take, as last heard
 * @claimed:	user space is done with it
 * @unsynced:	something was sent that no answer has confirmed yet
 * @told:	has the current list of mappings
 * @keeps:	may keep pages that it gave away
 * @greeted:	has heard HELLO, as it has to with home
 * @asked:	type of the answer that is waited for, or 0
 * @silent:	nothing had come from the machine for a lease a beat ago
 * @sent:	sequence number of the next message out
 * @received:	sequence number of the next message in
 */
struct eos_link {
	/* Constant. */
	struct eos_session *session;
	unsigned int node;
	struct socket *sock;
	struct eos_seal *seal;

	/* Constant while the socket is ours, which sk_callback_lock guards. */
	eos_data_ready_fn data_ready;
	void (*state_change)(struct sock *sk);
	void (*error_report)(struct sock *sk);

	/* Changed by the owner of the streams; READ_ONCE() by all others. */
	bool up;
	s32 room;

	/* Of the streams. */
	int error;
	bool claimed;
	bool unsynced;
	bool told;
	bool keeps;
	bool greeted;
	u8 asked;
	bool silent;
	u32 sent;
	u32 received;
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
	/* Constant from eos_session_ask() on. */
	enum eos_request_kind kind;
	struct eos_policy policy;
	u32 budget;
	u32 patience_ms;

	/* Protected by the session's request_lock. */
	bool taken;

	/* The task's from when it has taken it until it completes done. */
	int result;
	struct eos_link *link;

	struct completion done;
};

/* A list of mappings: mmap.c */
struct eos_vmas {
	/* Of the streams. */
	struct eos_wire_vma *list;
	unsigned int count;
	unsigned int room;
};

/* Files behind mappings that other nodes have copies of: files.c */
struct eos_files {
	/* Of the streams. */
	struct eos_file_stamp *list;
	unsigned int count;
	unsigned int room;
};

/* Pages given away and not forgotten: keep.c */
struct eos_keep {
	/* Of the streams. */
	struct radix_tree_root here;	/* while parked: what this node keeps */
	struct radix_tree_root there;	/* while running: who else keeps what */
	unsigned long pages;		/* here */
};

/* The choice between pull and jump: policy.c */
struct eos_pace {
	/* Of the streams. */
	u32 score[EOS_NODES];		/* pages recently pulled from each */
	u64 last_pull;			/* when the last pull ended */
	u64 pull_ns;			/* moving average of a pull's cost */
	u64 least_ns;			/* the shortest pull of late */
	u64 work_ns;			/* moving average of work between two */
	u64 arrived;			/* when execution last came here */
	u64 paging;			/* until the last pull, spent on pages */
	u64 pushed;			/* on pushes since the last pull */
	u64 source_toll;		/* the toll where it came from */
	bool chosen;			/* it came by choice of the policy */
	bool pulled;			/* the program has, since it came */
	unsigned int waived;		/* faults since then that could not jump */
};

/* After a push that was for nothing: push.c */
struct eos_rest {
	/* Of the streams; READ_ONCE() by all others. */
	unsigned long pages;		/* that could not go, or 0 */
	u64 until;			/* ns: no push, unless it gets many more */
};

/* Pages that go along with the execution: hot.c */
#define EOS_HOT_PAGES	8
struct eos_hot {
	/* Of the streams. */
	unsigned long address[EOS_HOT_PAGES];
	unsigned int count;
	unsigned int pulls;		/* since the execution came */
};

/* Processor time that travels with the execution: time.c */
struct eos_clock {
	/* Of the streams. */
	struct eos_time arrived;	/* elsewhere: the shell's, when it came */
	struct eos_time before;		/* used since it left home, before that */
					/* home: counted of the time away */
	u64 left;			/* home: when it left */
	struct eos_wire_time said;	/* home: by the last BEAT */
	bool news;			/* that is not counted yet */
};

struct eos_session {
	struct kref kref;
	wait_queue_head_t wait;

	/* Constant from eos_session_attach() on. */
	struct task_struct *task;	/* with a reference */
	u64 cookie;
	unsigned int self;
	bool sealed;			/* a shell's connections */

	/* Home's lease. Constant at home; a shell's task learns it from HELLO. */
	u32 lease_ms;
	unsigned long beat;		/* jiffies: a quarter of it */

	/* Protected by eos_sessions_lock. */
	struct list_head list;
	unsigned int wanted;		/* requests to come */

	/*
	 * Changed with eos_sessions_lock, mmap_lock for write and request_lock:
	 * any of them is enough to use it, as is being the task. No reference.
	 */
	struct mm_struct *mm;

	/* Protects: the streams, while the process runs here. */
	struct mutex mutex;

	/* Changed by the owner of the streams; see eos_state(). */
	enum eos_state state;

	/*
	 * Changed by the task with the mutex held: either is enough to read. Of
	 * the links, also show_lock; see eos_set_link().
	 */
	struct eos_link *links[EOS_NODES];
	struct eos_policy policy;	/* READ_ONCE() by /proc */

	/* Of the streams. */
	u64 recalled;			/* the value of away that was recalled */
	unsigned long hand;		/* of the clock */
	unsigned int push_target;
	struct eos_rest rest;
	struct eos_vmas vmas_told;	/* as last sent */
	struct eos_vmas vmas_now;
	struct eos_files files_told;	/* at the last departure from home */
	struct eos_files files_now;
	struct eos_pace pace;
	struct eos_readahead *readahead;
	struct eos_hot hot;
	struct eos_keep keep;
	struct eos_clock clock;
	unsigned long losses;		/* nodes, a bit each, to be reported */
	unsigned long beaten;		/* jiffies: when a BEAT was due last */

	/*
	 * Counted by the owner of the streams, or by the task. READ_ONCE() by
	 * /proc: each by itself is right.
	 */
	struct eos_counters counters;

	/* The task's. */
	u64 epoch;			/* READ_ONCE() by /proc */
	u64 away;
	u64 ticket;			/* of the stay away */
	u64 next_ticket;		/* at home, of the next one */
	u64 decided;			/* when it was last told to leave */
	int jump_to;			/* node, or -1 */
	bool jump_forced;
	bool goes_back;			/* migrated: when its system call is done */
	bool ends_handler;		/* which is that at a handler's end */
	struct pt_regs left;		/* those that execution last left with */
	struct pt_regs stalled;		/* it left, and came back with */
	bool adopting;
	bool rooted;			/* it has registers that cannot travel */
	unsigned int lost;		/* node, while away; or 0 */
	unsigned int heard;		/* node that ran the process last */
	unsigned long quiet;		/* jiffies without a word of it */
	bool dying;			/* killed, and the process away */
	struct eos_link *serving;	/* who waits for an answer of ours */
	void *cpu;			/* EOS_CPU_MAX bytes */

	/* Set by anybody, cleared by the task; no lock. */
	bool recall_wanted;		/* somebody at home needs the pages */
	bool evict_wanted;
	bool leave_wanted;		/* it gets a second thread */
	bool copied;			/* a node has got a copy, once */
	bool beat_due;			/* home waits for a word of us */

	/* lease.c: a shell's pulse, at home what others have lost. */
	struct delayed_work watch;
	unsigned long apart[EOS_NODES];	/* bit operations only */
	unsigned long reported;		/* jiffies; READ_ONCE() */
	unsigned int doubts;		/* the work's */

	/*
	 * A page that somebody at home looks at, or 0. At home set by anybody
	 * from 0 and taken by the task, no lock; elsewhere of the streams.
	 */
	unsigned long page_wanted;
	u64 page_wanted_away;		/* elsewhere: the value of away then */

	/*
	 * Protects: request, budget, patience_ms, reserve, and mm against
	 * eos_session_ask(). Without it: READ_ONCE().
	 */
	spinlock_t request_lock;
	struct eos_request *request;
	u32 budget;
	u32 patience_ms;		/* left for another node, when all are full */
	u64 reserve;			/* pages that may be reserved */

	/* Protects: reason, and that no link is freed that /proc looks at. */
	spinlock_t show_lock;
	char reason[EOS_REASON_BYTES];	/* why it died, or will */

	/* Protects: zapped, zap_count (else READ_ONCE()), zap_more. */
	spinlock_t zap_lock;
	struct eos_wire_range *zapped;	/* room for EOS_ZAPS */
	unsigned int zap_count;
	bool zap_more;			/* than are noted */

	/* Of the streams: what zapped is exchanged for. */
	struct eos_wire_range *zap_spare;
};

/**
 * eos_state - where the process is
 * @s: session
 *
 * Whoever finds it running sees what was done to the streams before, once he
 * has the mutex.
 */
static inline enum eos_state eos_state(const struct eos_session *s)
{
	/* pairs with eos_set_state() */
	return smp_load_acquire(&s->state);
}

/**
 * eos_set_state - the streams may change hands
 * @s: session; the streams are the caller's
 * @state: the new one
 */
static inline void eos_set_state(struct eos_session *s, enum eos_state state)
{
	/* pairs with eos_state() */
	smp_store_release(&s->state, state);
}

#ifdef CONFIG_LOCKDEP

static inline void eos_assert_task(const struct eos_session *s)
{
	WARN_ON_ONCE(debug_locks && current != s->task);
}

static inline void eos_assert_streams(const struct eos_session *s)
{
	switch (eos_state(s)) {
	case EOS_RUNNING:
		lockdep_assert_held(&s->mutex);
		break;
	case EOS_PARKED:
		eos_assert_task(s);
		break;
	default:	/* not begun, or over: only one can reach it */
		break;
	}
}

#else

static inline void eos_assert_task(const struct eos_session *s)
{
}

static inline void eos_assert_streams(const struct eos_session *s)
{
}

#endif

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
void __printf(2, 3) eos_set_reason(struct eos_session *s, const char *format,
				   ...);
void eos_get_reason(struct eos_session *s, char *reason);
void __printf(2, 3) eos_fail(struct eos_session *s, const char *format, ...);
void __printf(2, 3) eos_accuse(struct eos_session *s, const char *format, ...);
void eos_finish(struct eos_session *s);
void eos_set_link(struct eos_session *s, unsigned int node,
		  struct eos_link *link);
void eos_tell_all(struct eos_session *s, enum eos_message type, void *body,
		  size_t length);
void eos_session_release(struct mm_struct *mm);
bool eos_idle(const struct eos_session *s);
int eos_session_leave(struct eos_session *s);
int eos_session_leave_idle(struct eos_session *s);
unsigned long eos_session_reserve(struct mm_struct *mm);
int eos_session_clone(struct mm_struct *mm, unsigned long clone_flags);

/* request.c */
int eos_session_ask(struct eos_session *s, struct eos_request *request,
		    unsigned int timeout_ms);
void eos_session_unwant(struct eos_session *s);
void eos_request_finish(struct eos_session *s, int result);
int eos_gather_all(struct eos_session *s);
int eos_contract(struct eos_session *s);
int eos_serve_request(struct eos_session *s);

/* processor.c */
void eos_processor_fill(struct eos_wire_processor *processor);
bool eos_processor_differs(const struct eos_wire_processor *ours,
			   const struct eos_wire_processor *theirs,
			   char *names, size_t size);

/* greeting.c */
int eos_hello_send(struct eos_session *s, struct eos_link *link);
int eos_hello_check(struct eos_session *s, struct eos_link *link);
int eos_greet(struct eos_session *s, struct eos_link *link)
	__must_hold(&s->mutex);

/* resume.c */
void eos_session_request_jump(struct eos_session *s, unsigned int node,
			      bool forced);
void eos_session_goes_back(struct eos_session *s, bool ends_handler);
int eos_session_resume(struct pt_regs *regs);

/* lease.c */
bool eos_lease_valid(u32 lease_ms);
void eos_lease_set(struct eos_session *s, u32 lease_ms);
void eos_lease_init(struct eos_session *s);
void eos_lease_begin(struct eos_session *s);
void eos_lease_end(struct eos_session *s);
int eos_beat_heard(struct eos_session *s, struct eos_link *link);
void eos_beat_running(struct eos_session *s) __must_hold(&s->mutex);
void eos_beat_serving(struct eos_session *s);
void eos_beat_waiting(struct eos_session *s, const struct eos_link *link,
		      bool sending);
bool eos_machine_silent(struct eos_link *link);
bool eos_silent(const struct eos_session *s, unsigned long since,
		unsigned long *quiet);
bool eos_apart(const struct eos_session *s);
void eos_losses_tell(struct eos_session *s);
int eos_losses_hear(struct eos_session *s, struct eos_link *link);

/* time.c */
void eos_time_write(struct eos_session *s, struct eos_wire_time *wire);
void eos_time_hear(struct eos_session *s, const struct eos_wire_beat *beat);
void eos_time_heard(struct eos_session *s);
void eos_time_arrive(struct eos_session *s, const struct eos_wire_time *wire);

/* seal.c */
struct eos_seal *eos_seal_create(u64 keys);
void eos_seal_destroy(struct eos_seal *seal);
int eos_seal_close(struct eos_seal *seal, struct kvec *parts, size_t *length,
		   struct kvec *record);
void eos_seal_begin(struct eos_seal *seal, struct kvec *part);
int eos_seal_rest(struct eos_seal *seal, struct kvec *part);
int eos_seal_open(struct eos_seal *seal);
size_t eos_seal_left(const struct eos_seal *seal);
size_t eos_seal_take(struct eos_seal *seal, struct kvec *parts, size_t length);

/* role.c */
extern const char *const eos_message_names[EOS_MESSAGES];
int eos_role_check(struct eos_link *link, u8 type);
int eos_role_refuse(struct eos_link *link, u8 type);

/* transport.c */
struct eos_link *eos_link_create(struct eos_session *s, unsigned int node,
				 int fd, u64 keys);
void eos_link_destroy(struct eos_link *link);
void eos_links_configure(struct eos_session *s);
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
int eos_hear(struct eos_link *link, const struct eos_header *header);
bool eos_link_readable(const struct eos_link *link);
bool eos_linked(const struct eos_session *s);
void eos_link_lost(struct eos_link *link, int error);
int eos_sync_others(struct eos_session *s, unsigned int except)
	__must_hold(&s->mutex);
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
int eos_pull_one(struct eos_session *s, struct vm_area_struct *vma,
		 unsigned long address, unsigned int node)
	__must_hold(&s->mutex);
int eos_pull_serve(struct eos_session *s, struct eos_link *link);
int eos_pull_gather(struct mm_struct *mm, unsigned long start,
		    unsigned long end);

/* push.c */
bool eos_over_budget(struct eos_session *s);
void eos_push_soon(struct eos_session *s);
void eos_push_grow(struct mm_struct *mm, unsigned int flags);
bool eos_push_within(struct eos_session *s, unsigned long start,
		     unsigned long end)
	__must_hold(&s->mutex);
int eos_push(struct eos_session *s);
int eos_push_everything(struct eos_session *s, unsigned int node);
int eos_push_one(struct eos_session *s, struct eos_link *link,
		 unsigned long address)
	__must_hold(&s->mutex);
int eos_push_ahead(struct eos_session *s, struct eos_link *link,
		   const unsigned long *addresses, unsigned int count)
	__must_hold(&s->mutex);
int eos_push_receive(struct eos_session *s, struct eos_link *link,
		     size_t length);

/* onlooker.c */
bool eos_onlooker_waits(struct eos_session *s, struct vm_area_struct *vma,
			unsigned long address);
void eos_onlooker_ask(struct eos_session *s);
int eos_onlooker_heard(struct eos_session *s, struct eos_link *link);
void eos_onlooker_serve(struct eos_session *s);

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
void eos_hot_pulled(struct eos_session *s, unsigned long address);
int eos_hot_push(struct eos_session *s, struct eos_link *link,
		 unsigned long stack)
	__must_hold(&s->mutex);

/* jump.c */
bool eos_jump_stalled(const struct eos_session *s);
void eos_jump_prepare(struct eos_session *s);
bool eos_stays_home(const struct eos_session *s);
int eos_jump(struct eos_session *s, unsigned int node, struct pt_regs *regs);
int eos_jump_receive(struct eos_session *s, struct eos_link *link,
		     size_t length, struct pt_regs *regs);

/* mmap.c */
int eos_mmap_init(struct eos_session *s);
void eos_mmap_free(struct eos_session *s);
int eos_mmap_flush(struct eos_session *s) __must_hold(&s->mutex);
int eos_mmap_receive(struct eos_session *s, struct eos_link *link,
		     size_t length);
int eos_mmap_receive_discard(struct eos_session *s, struct eos_link *link,
			     size_t length);
void eos_mmap_zapped(struct mm_struct *mm, unsigned long start,
		     unsigned long end);
void eos_mmap_changed(struct vm_area_struct *vma, unsigned long start,
		      unsigned long end);
bool eos_mmap_stale(const struct eos_session *s);
int eos_mmap_clear(void);

/* files.c */
int eos_files_check(struct eos_session *s) __must_hold(&s->mutex);

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
