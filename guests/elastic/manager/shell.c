// SPDX-License-Identifier: GPL-2.0-only
/*
 * This machine becomes a node of another machine's process. The worker that
 * was asked forks a child, which the kernel makes the shell. It joins the shell
 * to those on other nodes, and only then tells home to begin. It stays the
 * shell's parent, since wait4(2) tells it how much processor time the shell
 * used.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deadline.h"
#include "kernel.h"
#include "shell.h"

#define SHELL_NAME      "elastic-shell"
#define RSEQ_UNREGISTER 1 /* RSEQ_FLAG_UNREGISTER of linux/rseq.h */

/* Between two looks whether the kernel has made the child a shell. */
#define LOOK_US 1000

/*
 * Takes back what the C library told the kernel about this process's memory:
 * the addresses will belong to the other process. A kernel that lacks one of
 * these calls refuses it, and has nothing to forget.
 */
static void forget_thread(void)
{
	char *thread = __builtin_thread_pointer();

	syscall(SYS_set_robust_list, NULL, sizeof(struct robust_list_head));
	syscall(SYS_set_tid_address, NULL);
	syscall(SYS_rseq, thread + __rseq_offset, sizeof(struct rseq),
		RSEQ_UNREGISTER, RSEQ_SIG);
}

static void close_all_but(int keep)
{
	int most = (int)sysconf(_SC_OPEN_MAX);

	for (int fd = 0; fd < most; fd++)
		if (fd != keep)
			close(fd);
}

static void __attribute__((noreturn)) become_shell(struct eos_adopt *adopt)
{
	prctl(PR_SET_NAME, SHELL_NAME);
	setsid();
	if (chdir("/"))
		_exit(1);
	close_all_but(adopt->fd);
	forget_thread();
	/* returns only when it has failed; the status is the error */
	_exit(-kernel_adopt(adopt));
}

/* Waits until the child is a shell, or has failed to become one. */
static int adopted(pid_t shell, int64_t deadline)
{
	int status;

	while (!kernel_knows(shell)) {
		if (waitpid(shell, &status, WNOHANG) == shell)
			return WIFEXITED(status) ? -WEXITSTATUS(status) :
						   -EINTR;
		if (now_ms() > deadline)
			return -ETIMEDOUT;
		usleep(LOOK_US);
	}
	return 0;
}

static int receive_done(struct talk *talk, struct message_done *done)
{
	struct frame frame;
	int ret;

	ret = talk_receive(talk, &frame);
	if (!ret)
		ret = done_unpack(&frame, done);
	return ret ? ret : -done->error;
}

static int send_done(struct talk *talk, const struct message_done *done)
{
	struct frame frame;

	done_pack(done, &frame);
	return talk_send(talk, &frame);
}

static int join_member(const struct manager *manager,
		       const struct message_adopt *adopt,
		       const struct member *member, int64_t deadline)
{
	struct message_join join = {
		.cookie = adopt->cookie,
		.from = adopt->node,
		.to = member->node,
		.sealed = adopt->sealed,
	};
	struct eos_join kernel = { .cookie = adopt->cookie,
				   .node = member->node };
	struct message_done done;
	struct frame frame;
	struct talk talk;
	int ret;

	ret = talk_dial(&talk, member->at, &manager->settings.key, deadline);
	if (ret)
		return ret;
	join_pack(&join, &frame);
	ret = talk_send(&talk, &frame);
	if (!ret)
		ret = receive_done(&talk, &done);
	kernel.fd = talk.fd;
	kernel.keys = talk_keys(&talk, adopt->sealed);
	if (!ret)
		ret = kernel_join(&kernel);
	talk_close(&talk);
	return ret;
}

static int join_members(const struct manager *manager,
			const struct message_adopt *adopt, int64_t deadline)
{
	int ret = 0;

	for (uint32_t i = 0; i < adopt->members && !ret; i++)
		ret = join_member(manager, adopt, &adopt->member[i], deadline);
	return ret;
}

static void wait_for_end(struct worker_channel *channel, struct report *report)
{
	struct rusage usage;

	while (wait4(report->shell, &report->status, 0, &usage) < 0)
		if (errno != EINTR)
			return;
	report->type = REPORT_SHELL_ENDED;
	report->user_us = (uint64_t)usage.ru_utime.tv_sec * 1000000 +
			  (uint64_t)usage.ru_utime.tv_usec;
	report->system_us = (uint64_t)usage.ru_stime.tv_sec * 1000000 +
			    (uint64_t)usage.ru_stime.tv_usec;
	report->peak_kb = (uint64_t)usage.ru_maxrss;
	worker_report(channel, report);
}

static pid_t fork_shell(const struct talk *home,
			const struct message_adopt *adopt, uint32_t budget)
{
	struct eos_adopt kernel = {
		.cookie = adopt->cookie,
		.node = adopt->node,
		.fd = home->fd,
		.budget = budget,
		.lease_ms = adopt->lease_ms,
		.keys = talk_keys(home, adopt->sealed),
	};
	pid_t shell = fork();

	if (!shell)
		become_shell(&kernel);
	return shell < 0 ? -errno : shell;
}

/* A node whose wire is to be sealed serves no process whose wire is plain. */
static int check_terms(const struct manager *manager,
		       const struct message_adopt *adopt, uint32_t budget)
{
	if (manager->settings.sealed && !adopt->sealed)
		return -EPROTONOSUPPORT;
	return budget ? 0 : -ENOMEM;
}

/**
 * shell_adopt - do what ADOPT asks, and stay until the shell has ended
 * @manager: as it was when the other side called
 * @channel: to the manager
 * @home: the talk with home, whose connection becomes the kernel's
 * @adopt: what home asks
 */
void shell_adopt(const struct manager *manager, struct worker_channel *channel,
		 struct talk *home, const struct message_adopt *adopt)
{
	uint32_t budget = worker_grant(channel, adopt->budget);
	struct report report = {
		.type = REPORT_SHELL,
		.cookie = adopt->cookie,
		.node = adopt->node,
		.pages = budget,
	};
	struct message_done done = { .budget = budget == BUDGET_NONE ? 0 :
								       budget };
	int ret = check_terms(manager, adopt, budget);

	if (!ret)
		report.shell = fork_shell(home, adopt, done.budget);
	if (report.shell < 0)
		ret = report.shell;
	if (!ret)
		ret = adopted(report.shell, home->deadline);
	if (!ret)
		ret = join_members(manager, adopt, home->deadline);
	done.error = -ret;
	done.pid = report.shell > 0 ? report.shell : 0;
	if (!ret)
		worker_report(channel, &report);
	if (send_done(home, &done) && !ret)
		ret = -EPIPE;
	talk_close(home);
	if (ret && report.shell > 0)
		kill(report.shell, SIGKILL);
	if (report.shell > 0)
		wait_for_end(channel, &report);
	worker_result(channel, -ret, "adopt node %u: %s", adopt->node,
		      ret ? kernel_complaint(-ret) : "done");
}

/**
 * shell_join - do what JOIN asks
 * @channel: to the manager
 * @other: the talk with the other shell's node
 * @join: what it asks
 */
void shell_join(struct worker_channel *channel, struct talk *other,
		const struct message_join *join)
{
	struct eos_join kernel = {
		.cookie = join->cookie,
		.node = join->from,
		.fd = other->fd,
		.keys = talk_keys(other, join->sealed),
	};
	struct message_done done = { .error = -kernel_join(&kernel) };

	send_done(other, &done);
	talk_close(other);
	worker_result(channel, done.error, "join node %u: %s", join->from,
		      done.error ? kernel_complaint(done.error) : "done");
}
