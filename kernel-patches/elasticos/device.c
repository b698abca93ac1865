// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/elasticos: what the manager asks for. See elasticos_ioctl.h.
 */

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/math64.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "fault.h"
#include "session.h"

#define EOS_PATIENCE_MOST 60000
#define EOS_POLICY_PATIENCE 10000	/* ms */
#define EOS_MAP_MOST	65536

/* Whether a task that has the pid is the one that is meant by it. */
static bool eos_is_meant(const struct task_struct *task, u64 born)
{
	return !born ||
	       div_u64(eos_start_ns(task), NSEC_PER_SEC / USER_HZ) == born;
}

static struct task_struct *eos_find_task(pid_t pid, u64 born)
{
	struct task_struct *task;

	rcu_read_lock();
	task = pid_task(find_vpid(pid), PIDTYPE_PID);
	if (task && !eos_is_meant(task, born))
		task = NULL;
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	return task;
}

/* The session of a process, with a reference; wanted, if it gets requests. */
static struct eos_session *eos_find_session(pid_t pid, u64 born, bool want)
{
	struct eos_session *s;

	mutex_lock(&eos_sessions_lock);
	list_for_each_entry(s, &eos_sessions, list) {
		if (task_pid_vnr(s->task) == pid &&
		    eos_is_meant(s->task, born)) {
			eos_session_get(s);
			s->wanted += want;
			mutex_unlock(&eos_sessions_lock);
			return s;
		}
	}
	mutex_unlock(&eos_sessions_lock);
	return NULL;
}

static struct eos_session *eos_find_cookie(u64 cookie)
{
	struct eos_session *s;

	mutex_lock(&eos_sessions_lock);
	list_for_each_entry(s, &eos_sessions, list) {
		if (s->cookie == cookie && !eos_is_home(s)) {
			eos_session_get(s);
			mutex_unlock(&eos_sessions_lock);
			return s;
		}
	}
	mutex_unlock(&eos_sessions_lock);
	return NULL;
}

/*
 * The session of a process that is at home here, with a reference and wanted:
 * it does not end for want of anything to do before eos_session_unwant(). A
 * shell is the manager's, not the process of whoever knows its pid: -EINVAL.
 */
static struct eos_session *eos_find_home(pid_t pid, u64 born)
{
	struct eos_session *s = eos_find_session(pid, born, true);

	if (!s || eos_is_home(s))
		return s;
	eos_session_unwant(s);
	eos_session_put(s);
	return ERR_PTR(-EINVAL);
}

/* The same, and it is made if there is none. */
static struct eos_session *eos_home_session(pid_t pid, u64 born, u32 lease_ms)
{
	struct eos_session *s = eos_find_home(pid, born);
	struct task_struct *task;
	struct mm_struct *mm = NULL;
	int ret;

	if (s)
		return s;
	task = eos_find_task(pid, born);
	if (!task)
		return ERR_PTR(-ESRCH);
	ret = -ESRCH;
	mm = get_task_mm(task);
	if (!mm)
		goto out;
	/* one user is the process, one is us */
	ret = -EBUSY;
	if (task == current || !thread_group_empty(task) ||
	    atomic_read(&mm->mm_users) > 2)
		goto out;
	ret = -ENOMEM;
	s = eos_session_create(mm, task, EOS_HOME);
	if (!s)
		goto out;
	eos_lease_set(s, lease_ms);
	s->wanted = 1;
	eos_session_get(s);
	ret = eos_session_attach(s);
	if (ret) {
		eos_session_put(s);
		eos_session_put(s);
	}
out:
	if (mm)
		mmput(mm);
	eos_task_put(task);
	return ret ? ERR_PTR(ret) : s;
}

static int eos_ask_with_link(struct eos_session *s, struct eos_request *request,
			     unsigned int node, int fd, u64 keys,
			     unsigned int timeout_ms)
{
	int ret;

	request->link = eos_link_create(s, node, fd, keys);
	if (IS_ERR(request->link))
		return PTR_ERR(request->link);
	ret = eos_session_ask(s, request, timeout_ms);
	if (request->link)
		eos_link_destroy(request->link);
	return ret;
}

static int eos_ioctl_stretch(void __user *argument)
{
	struct eos_request request = { .kind = EOS_REQUEST_STRETCH };
	struct eos_stretch stretch;
	struct eos_session *s;
	int ret;

	if (copy_from_user(&stretch, argument, sizeof(stretch)))
		return -EFAULT;
	if (stretch.node == EOS_HOME || stretch.node >= EOS_NODES ||
	    !eos_lease_valid(stretch.lease_ms) ||
	    stretch.patience_ms > EOS_PATIENCE_MOST ||
	    eos_policy_check(&stretch.policy))
		return -EINVAL;
	s = eos_home_session(stretch.pid, stretch.born, stretch.lease_ms);
	if (IS_ERR(s))
		return PTR_ERR(s);
	request.policy = stretch.policy;
	request.budget = stretch.budget;
	request.patience_ms = stretch.patience_ms;
	ret = eos_ask_with_link(s, &request, stretch.node, stretch.fd,
				stretch.keys, stretch.timeout_ms);
	eos_session_unwant(s);
	eos_session_put(s);
	return ret;
}

static int eos_ioctl_hold(void __user *argument)
{
	struct eos_session *s;
	struct eos_hold hold;

	if (copy_from_user(&hold, argument, sizeof(hold)))
		return -EFAULT;
	if (!hold.budget || hold.patience_ms > EOS_PATIENCE_MOST ||
	    !eos_lease_valid(hold.lease_ms))
		return -EINVAL;
	if (hold.patience_ms)
		s = eos_home_session(hold.pid, hold.born, hold.lease_ms);
	else
		s = eos_find_home(hold.pid, hold.born);
	if (IS_ERR_OR_NULL(s))
		return s ? PTR_ERR(s) : 0;
	spin_lock(&s->request_lock);
	if (eos_state(s) == EOS_NEW)
		WRITE_ONCE(s->budget, hold.budget);
	WRITE_ONCE(s->patience_ms, hold.patience_ms);
	WRITE_ONCE(s->reserve, hold.reserve);
	spin_unlock(&s->request_lock);
	wake_up_all(&s->wait);
	eos_session_unwant(s);
	eos_session_put(s);
	return 0;
}

static int eos_ioctl_adopt(void __user *argument)
{
	struct eos_adopt adopt;
	struct eos_session *s;
	struct eos_link *link;
	sigset_t block;
	int ret;

	if (copy_from_user(&adopt, argument, sizeof(adopt)))
		return -EFAULT;
	if (adopt.node == EOS_HOME || adopt.node >= EOS_NODES ||
	    !eos_lease_valid(adopt.lease_ms))
		return -EINVAL;
	if (!thread_group_empty(current) ||
	    atomic_read(&current->mm->mm_users) > 1)
		return -EBUSY;
	s = eos_session_create(current->mm, current, adopt.node);
	if (!s)
		return -ENOMEM;
	s->cookie = adopt.cookie;
	s->budget = adopt.budget;
	s->sealed = adopt.keys;
	eos_lease_set(s, adopt.lease_ms);
	s->adopting = true;
	link = eos_link_create(s, EOS_HOME, adopt.fd, adopt.keys);
	if (IS_ERR(link)) {
		eos_session_put(s);
		return PTR_ERR(link);
	}
	eos_set_link(s, EOS_HOME, link);
	ret = eos_session_attach(s);
	if (ret) {
		eos_link_destroy(link);
		eos_session_put(s);
		return ret;
	}
	eos_clock_home(true);
	/* signals for the process go to its home */
	siginitsetinv(&block, sigmask(SIGKILL));
	sigprocmask(SIG_BLOCK, &block, NULL);
	eos_forget_addresses();
	eos_trap_syscalls(true);
	set_thread_flag(TIF_NOTIFY_RESUME);
	return 0;
}

static int eos_ioctl_join(void __user *argument)
{
	struct eos_request request = { .kind = EOS_REQUEST_JOIN };
	struct eos_session *s;
	struct eos_join join;
	int ret;

	if (copy_from_user(&join, argument, sizeof(join)))
		return -EFAULT;
	if (join.node == EOS_HOME || join.node >= EOS_NODES)
		return -EINVAL;
	s = eos_find_cookie(join.cookie);
	if (!s)
		return -ESRCH;
	ret = -EINVAL;
	/* all connections of a process are sealed, or none */
	if (join.node != s->self && !join.keys == !s->sealed)
		ret = eos_ask_with_link(s, &request, join.node, join.fd,
					join.keys, s->lease_ms);
	eos_session_put(s);
	return ret;
}

static int eos_ask_home(pid_t pid, u64 born, struct eos_request *request,
			unsigned int timeout_ms)
{
	struct eos_session *s = eos_find_home(pid, born);
	int ret;

	if (IS_ERR_OR_NULL(s))
		return s ? PTR_ERR(s) : -ESRCH;
	ret = eos_session_ask(s, request, timeout_ms);
	eos_session_unwant(s);
	eos_session_put(s);
	return ret;
}

static int eos_ioctl_contract(void __user *argument)
{
	struct eos_request request = { .kind = EOS_REQUEST_CONTRACT };
	struct eos_contract contract;

	if (copy_from_user(&contract, argument, sizeof(contract)))
		return -EFAULT;
	return eos_ask_home(contract.pid, contract.born, &request,
			    contract.timeout_ms);
}

static int eos_ioctl_policy(void __user *argument)
{
	struct eos_request request = { .kind = EOS_REQUEST_POLICY };
	struct eos_set_policy set;

	if (copy_from_user(&set, argument, sizeof(set)))
		return -EFAULT;
	if (eos_policy_check(&set.policy))
		return -EINVAL;
	request.policy = set.policy;
	request.budget = set.budget;
	return eos_ask_home(set.pid, set.born, &request, EOS_POLICY_PATIENCE);
}

struct eos_map_filling {
	unsigned int self;
	u8 *next;
};

static void eos_map_seen(void *context, enum eos_found found, swp_entry_t entry)
{
	struct eos_map_filling *filling = context;
	u8 state = EOS_MAP_SWAP;

	if (found == EOS_FOUND_NONE)
		state = EOS_MAP_NONE;
	else if (found == EOS_FOUND_PAGE)
		state = EOS_MAP_HERE;
	else if (found == EOS_FOUND_ENTRY)
		state = eos_entry_node(entry) == filling->self ?
				EOS_MAP_ZERO :
				EOS_MAP_NODE + eos_entry_node(entry);
	*filling->next++ = state;
}

static int eos_map_fill(struct eos_session *s, const struct eos_map *map,
			u8 *states)
{
	struct eos_map_filling filling = { .self = s->self, .next = states };
	struct mm_struct *mm = get_task_mm(s->task);
	int ret = -ESRCH;

	if (!mm)
		return ret;
	mmap_read_lock(mm);
	if (mm->eos == s) {
		eos_pages_look(mm, map->start, map->count, eos_map_seen,
			       &filling);
		ret = 0;
	}
	mmap_read_unlock(mm);
	mmput(mm);
	return ret;
}

static int eos_ioctl_map(void __user *argument)
{
	struct eos_session *s;
	struct eos_map map;
	u8 *states;
	int ret;

	if (copy_from_user(&map, argument, sizeof(map)))
		return -EFAULT;
	if (!map.count || map.count > EOS_MAP_MOST ||
	    (map.start & ~PAGE_MASK) || map.start >= TASK_SIZE_MAX ||
	    TASK_SIZE_MAX - map.start < map.count * PAGE_SIZE)
		return -EINVAL;
	states = kmalloc(map.count, GFP_KERNEL);
	if (!states)
		return -ENOMEM;
	ret = -ESRCH;
	s = eos_find_session(map.pid, map.born, false);
	if (s) {
		ret = eos_map_fill(s, &map, states);
		eos_session_put(s);
	}
	if (!ret && copy_to_user((void __user *)(unsigned long)map.states,
				 states, map.count))
		ret = -EFAULT;
	kfree(states);
	return ret;
}

static long eos_ioctl(struct file *file, unsigned int command,
		      unsigned long value)
{
	void __user *argument = (void __user *)value;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	switch (command) {
	case EOS_IOC_STRETCH:
		return eos_ioctl_stretch(argument);
	case EOS_IOC_HOLD:
		return eos_ioctl_hold(argument);
	case EOS_IOC_ADOPT:
		return eos_ioctl_adopt(argument);
	case EOS_IOC_JOIN:
		return eos_ioctl_join(argument);
	case EOS_IOC_CONTRACT:
		return eos_ioctl_contract(argument);
	case EOS_IOC_POLICY:
		return eos_ioctl_policy(argument);
	case EOS_IOC_MAP:
		return eos_ioctl_map(argument);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations eos_device_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = eos_ioctl,
};

static struct miscdevice eos_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "elasticos",
	.fops = &eos_device_fops,
	.mode = 0600,
};

static const struct eos_ops eos_module_ops = {
	.owner = THIS_MODULE,
	.fault = eos_pull_fault,
	.fault_none = eos_pull_fault_none,
	.grow = eos_push_grow,
	.zapped = eos_mmap_zapped,
	.changed = eos_mmap_changed,
	.gather = eos_pull_gather,
	.reserve = eos_session_reserve,
	.clone = eos_session_clone,
	.release = eos_session_release,
	.resume = eos_session_resume,
	.syscall = eos_syscall_enter,
	.bad_area = eos_syscall_bad_area,
};

static int __init eos_init(void)
{
	int ret;

	ret = eos_register(&eos_module_ops);
	if (ret)
		return ret;
	ret = eos_counters_init();
	if (ret)
		goto unregister;
	ret = eos_fault_init();
	if (ret)
		goto counters;
	ret = misc_register(&eos_device);
	if (ret)
		goto fault;
	return 0;

fault:
	eos_fault_exit();
counters:
	eos_counters_exit();
unregister:
	eos_unregister(&eos_module_ops);
	return ret;
}

static void __exit eos_exit(void)
{
	misc_deregister(&eos_device);
	eos_fault_exit();
	eos_counters_exit();
	eos_unregister(&eos_module_ops);
}

module_init(eos_init);
module_exit(eos_exit);

MODULE_LICENSE("GPL v2");
MODULE_DESCRIPTION("ElasticOS: stretch a process over several machines");
