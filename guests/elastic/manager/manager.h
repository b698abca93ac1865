/* SPDX-License-Identifier: GPL-2.0-only */
/* Everything that the manager of a node knows. */
#ifndef MANAGER_H
#define MANAGER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "control.h"
#include "hosts.h"
#include "key.h"
#include "message.h"
#include "worker.h"

#define PROCESSES_MOST 64
#define WORKERS_MOST   64

#define TALK_MS        5000  /* for a talk between managers */
#define KERNEL_MS      20000 /* for a process to do what it is asked */
#define PATIENCE_MS    15000 /* of a process at its budget, for another node */

struct settings {
	uint32_t address;
	uint16_t shell_port; /* EOS_RESTART_LISTENER_PORT: shells begin there */
	uint16_t page_port;  /* EOS_REMOTE_PS_PORT: shells meet there */
	uint64_t lend;       /* bytes for others at most, 0 for what is free */
	uint32_t lease_ms;
	bool sealed; /* what kernels say to each other */
	struct key key;
};

struct peer {
	struct host host;
	bool self;
	int error; /* of the last talk, a positive errno */
	bool heard;
	struct message_status status;
};

/* A process that this manager looks after; it is at home here. */
struct process {
	pid_t pid; /* 0: this place is free */
	uint64_t start;
	uint64_t cookie; /* the name by which managers call it */
	char name[16];
	struct wish wish;
	uint32_t unstuck; /* the mode to go back to */
	uint32_t kept;    /* at home by a command, until another stretches it */
	int peer[EOS_NODES]; /* index by node number, -1 for none */
	uint32_t lent[EOS_NODES];
	uint32_t nodes; /* how many other nodes it is on */
	bool busy;      /* a worker is doing something with it */
	uint64_t resident;
	uint64_t file_pages; /* resident too */
	int64_t look_at;
	int64_t calm_since; /* since when it would fit here, or -1 */
	uint32_t threads;
	bool told; /* that it has threads, and is not stretched */
};

enum work {
	WORK_GUEST, /* another manager called */
	WORK_SURVEY,
	WORK_STRETCH,
	WORK_CONTRACT,
	WORK_POLICY,
};

struct worker {
	pid_t pid; /* 0: this place is free */
	enum work work;
	struct worker_channel channel;
	struct process *process;
	int client;      /* the command that waits for it, or -1 */
	uint32_t caller; /* address of a guest */
	uint64_t began;  /* as a number: later ones have higher */
	bool proven;
	uint32_t granted; /* pages */
	pid_t shell;
	bool answered; /* its result has come */
};

struct manager {
	struct settings settings;
	struct peer peers[HOSTS_MOST];
	int peer_count;
	struct process processes[PROCESSES_MOST];
	struct worker workers[WORKERS_MOST];
	int lock;
	int shell_listener;
	int page_listener;
	int control_listener;
};

/* Of manager.c */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct process *process_by_pid(struct manager *manager, pid_t pid);
struct process *process_add(struct manager *manager, pid_t pid,
			    const struct wish *wish);
void process_forget(struct process *process);
void process_alone(struct process *process);
struct worker *worker_begin(struct manager *manager, enum work work,
			    void (*body)(struct worker_channel *, void *),
			    void *argument);
int worker_places(const struct manager *manager);
bool on_command_only(const struct process *process);
struct eos_policy policy_of(const struct process *process);
uint32_t own_budget(const struct process *process);
uint64_t lendable(const struct manager *manager);
void health_look(const struct manager *manager, struct message_status *health);
int peer_by_name(const struct manager *manager, const char *name);

#endif
