// SPDX-License-Identifier: MIT
/*
 * A TCG plugin that makes a QEMU with -icount one of several guests that share
 * a virtual clock.
 *
 * A timer of QEMU's virtual clock fires at the end of each grant; its callback
 * runs while the guest stands still, posts what has happened to the coordinator
 * and blocks for the next grant. The same timer lets frames arrive, each at its
 * own instant.
 *
 * QEMU writes what a guest sends, on its NIC or its serial ports, to sockets,
 * with sendmsg(2). This library is preloaded as well as loaded as a plugin: its
 * sendmsg stands before the C library's, takes what goes to those descriptors,
 * and knows the virtual instant. Nothing is ever written to them: no socket's
 * buffer, which is emptied in the host's time, has a say in what a guest does.
 *
 * All of that runs under QEMU's big lock.
 *
 * One more thing has to be kept from happening. When a processor halts, QEMU's
 * main thread moves the clock on to the next timer. It takes the processor for
 * halted as soon as a flag says so, an instant before the instructions that it
 * has just executed are added to the clock: a main thread that happens to be
 * awake at that moment moves the clock too far, by as many nanoseconds. So the
 * main thread is held back where it wakes up, in ppoll(2), until the
 * processor's thread waits on its condition variable, and nobody has called it
 * since: then all is added up, and stays so.
 *
 * And the time of day is not the host's. QEMU makes its TLB larger or smaller
 * when it flushes it, by what was used of it in the last tenth of a second. A
 * guest sees that: of a page that is in the TLB the page table is not looked
 * at, and so not marked as accessed, and by such marks it decides which page to
 * give up. Here a flush takes a fixed time.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire.h"

/* What others are to see. */
#define OURS __attribute__((visibility("default")))

/* Of QEMU's headers, which no package ships: the little that is needed. */
#define CLOCK_VIRTUAL    1 /* enum QEMUClockType */
#define SCALE_NS         1
#define ALL_TIMERS       (-1)
#define RUN_STATE_PAUSED 4   /* enum RunState; the same in 7.2 and 10.0 */
#define TIMER_BYTES      256 /* QEMUTimer has 48 */

#define SECOND_US        INT64_C(1000000)
#define START_US         (INT64_C(1767225600) * SECOND_US) /* start of 2026 */
#define FLUSH_US         100

struct plugin_info {
	const char *target_name;
	struct {
		int min;
		int cur;
	} version;
	bool system_emulation;
};

/*
 * Read by QEMU before it installs us. What is used here is the same in all
 * versions so far.
 */
OURS int qemu_plugin_version = 1;

static struct {
	void (*timer_init_full)(void *timer, void *group, int clock, int scale,
				int attributes, void (*callback)(void *),
				void *opaque);
	void (*timer_mod_ns)(void *timer, int64_t at);
	int64_t (*qemu_clock_get_ns)(int clock);
	int64_t (*qemu_clock_deadline_ns_all)(int clock, int attributes);
	bool (*all_cpu_threads_idle)(void);
	void *(*qemu_find_netdev)(const char *id);
	ssize_t (*qemu_send_packet)(void *sender, const uint8_t *frame,
				    int length);
	int (*vm_stop)(int state);
	void (*qemu_plugin_register_vcpu_tb_trans_cb)(uint64_t plugin,
						      void (*callback)(uint64_t,
								       void *));
	void (*qemu_plugin_register_atexit_cb)(uint64_t plugin,
					       void (*callback)(uint64_t,
								void *),
					       void *opaque);
} qemu;

static const struct {
	const char *name;
	void *where;
} SYMBOLS[] = {
#define SYMBOL(name)              \
	{                         \
#name, &qemu.name \
	}
	SYMBOL(timer_init_full),
	SYMBOL(timer_mod_ns),
	SYMBOL(qemu_clock_get_ns),
	SYMBOL(qemu_clock_deadline_ns_all),
	SYMBOL(all_cpu_threads_idle),
	SYMBOL(qemu_find_netdev),
	SYMBOL(qemu_send_packet),
	SYMBOL(vm_stop),
	SYMBOL(qemu_plugin_register_vcpu_tb_trans_cb),
	SYMBOL(qemu_plugin_register_atexit_cb),
#undef SYMBOL
};

/* A frame on its way to the guest. */
struct arrival {
	struct arrival *next;
	int64_t time;
	uint32_t length;
	uint8_t bytes[];
};

static char timer[TIMER_BYTES] __attribute__((aligned(16)));
static bool armed;
static int coordinator = -1;
static uint32_t port;
static int64_t instruction = 1; /* nanoseconds */
static const char *netdev = "link";
static void *nic;
static int nic_descriptor = -1;
static int console_descriptor = -1;
static int report_descriptor = -1;

static int64_t granted;
static int64_t turnaround;
static int64_t pause_at = NEVER;
static struct arrival *arrivals;
static struct arrival **last_arrival = &arrivals;

static uint8_t outgoing[1 << 16];
static size_t outgoing_bytes;

/* One descriptor's output since the last newline. */
struct line {
	enum message_kind kind;
	size_t length;
	uint8_t bytes[MAX_OUTPUT];
};

static struct line console_line = { .kind = MSG_CONSOLE };
static struct line report_line = { .kind = MSG_REPORT };

/*
 * The processor's thread, and whether it waits. gate_lock is taken after QEMU's
 * big lock, or without it, and nothing is locked while it is held.
 */
static pthread_t processor;
static pthread_cond_t *processor_waits_on;
static bool processor_rests;
static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate = PTHREAD_COND_INITIALIZER;

/*
 * What stands behind the functions of the C library that this file puts its own
 * before.
 */
static struct {
	ssize_t (*sendmsg)(int descriptor, const struct msghdr *message,
			   int flags);
	int (*ppoll)(struct pollfd *polled, nfds_t count,
		     const struct timespec *timeout, const sigset_t *signals);
	int (*cond_wait)(pthread_cond_t *condition, pthread_mutex_t *mutex);
	int (*cond_signal)(pthread_cond_t *condition);
	int (*cond_broadcast)(pthread_cond_t *condition);
} libc;

/* QEMU's last line on standard error becomes the reason of its end. */
__attribute__((noreturn, format(printf, 1, 2))) static void
give_up(const char *format, ...)
{
	va_list arguments;

	fputs("virtual time: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	_exit(3);
}

static void flush(void)
{
	size_t at = 0;

	while (at < outgoing_bytes) {
		ssize_t written =
			write(coordinator, outgoing + at, outgoing_bytes - at);

		if (written < 0 && errno == EINTR)
			continue;
		/* The coordinator has ended the run. */
		if (written <= 0)
			_exit(0);
		at += written;
	}
	outgoing_bytes = 0;
}

static void post(enum message_kind kind, int64_t time, const void *payload,
		 size_t length)
{
	struct header header = { .kind = kind, .length = length, .time = time };

	if (outgoing_bytes + sizeof(header) + length > sizeof(outgoing))
		flush();
	memcpy(outgoing + outgoing_bytes, &header, sizeof(header));
	outgoing_bytes += sizeof(header);
	if (length > 0)
		memcpy(outgoing + outgoing_bytes, payload, length);
	outgoing_bytes += length;
}

static void receive(void *into, size_t length)
{
	static uint8_t buffer[1 << 16];
	static size_t from, to;

	while (length > 0) {
		size_t some = to - from < length ? to - from : length;

		memcpy(into, buffer + from, some);
		from += some;
		into = (uint8_t *)into + some;
		length -= some;
		if (length > 0) {
			ssize_t got = read(coordinator, buffer, sizeof(buffer));

			if (got < 0 && errno == EINTR)
				continue;
			if (got <= 0)
				_exit(0);
			from = 0;
			to = got;
		}
	}
}

static void expect(const struct header *header, size_t length)
{
	if (header->length != length)
		give_up("message %u of the coordinator has %u bytes",
			header->kind, header->length);
}

static void take_arrival(const struct header *header)
{
	struct arrival *arrival;

	if (header->length > MAX_FRAME)
		give_up("a frame of %u bytes is to arrive", header->length);
	arrival = malloc(sizeof(*arrival) + header->length);
	if (!arrival)
		give_up("no memory for a frame");
	*arrival = (struct arrival){ .time = header->time,
				     .length = header->length };
	receive(arrival->bytes, header->length);
	*last_arrival = arrival;
	last_arrival = &arrival->next;
}

/* Takes what the coordinator says, up to and including the next grant. */
static void await_grant(void)
{
	struct header header;
	struct run run;

	for (;;) {
		receive(&header, sizeof(header));
		switch (header.kind) {
		case MSG_FRAME:
			take_arrival(&header);
			break;
		case MSG_RUN:
			expect(&header, sizeof(run));
			receive(&run, sizeof(run));
			granted = header.time;
			turnaround = run.turnaround;
			pause_at = run.pause;
			return;
		case MSG_END:
			_exit(0);
		default:
			give_up("the coordinator sent a message of kind %u",
				header.kind);
		}
	}
}

/*
 * The earliest instant at which the guest can do something. Our own timer is
 * not armed when this is asked.
 */
static int64_t next_action(int64_t now)
{
	int64_t deadline;
	int64_t next = NEVER;

	if (!qemu.all_cpu_threads_idle())
		return now;
	deadline = qemu.qemu_clock_deadline_ns_all(CLOCK_VIRTUAL, ALL_TIMERS);
	if (deadline >= 0)
		next = now + deadline;
	if (arrivals && arrivals->time < next)
		next = arrivals->time;
	return next < now ? now : next;
}

/* A timer fires after the instruction in which its time comes. */
static void refuse_lateness(int64_t now, int64_t due)
{
	if (now - due >= instruction)
		give_up("what was due at %" PRId64 " ns came at %" PRId64 " ns",
			due, now);
}

static void let_arrive(int64_t now)
{
	if (arrivals && !nic) {
		nic = qemu.qemu_find_netdev(netdev);
		if (!nic)
			give_up("QEMU has no -netdev with id=%s", netdev);
	}
	while (arrivals && arrivals->time <= now) {
		struct arrival *arrival = arrivals;

		refuse_lateness(now, arrival->time);
		arrivals = arrival->next;
		if (!arrivals)
			last_arrival = &arrivals;
		qemu.qemu_send_packet(nic, arrival->bytes, arrival->length);
		free(arrival);
	}
}

static void post_line(struct line *line, int64_t now)
{
	if (line->length > 0)
		post(line->kind, now, line->bytes, line->length);
	line->length = 0;
}

static void on_timer(void *opaque)
{
	int64_t now = qemu.qemu_clock_get_ns(CLOCK_VIRTUAL);

	(void)opaque;
	let_arrive(now);
	if (now >= granted)
		refuse_lateness(now, granted);
	while (now >= granted) {
		struct stopped stopped;

		if (now >= pause_at) {
			/*
			 * The machine's clock stops too: the timer fires when a
			 * debugger lets it go on.
			 */
			pause_at = NEVER;
			qemu.vm_stop(RUN_STATE_PAUSED);
			post(MSG_PAUSED, now, NULL, 0);
			flush();
			break;
		}
		stopped.next = next_action(now);
		post(MSG_STOPPED, now, &stopped, sizeof(stopped));
		flush();
		await_grant();
		let_arrive(now);
	}
	qemu.timer_mod_ns(timer, arrivals && arrivals->time < granted ?
					 arrivals->time :
					 granted);
}

/*
 * In 7.2 the virtual clock cannot be asked before the first instruction is
 * translated, at instant 0.
 */
static void on_translation(uint64_t plugin, void *block)
{
	(void)block;
	if (armed)
		return;
	processor = pthread_self();
	armed = true;
	/* Whoever wants to see blocks makes every translation dearer. */
	qemu.qemu_plugin_register_vcpu_tb_trans_cb(plugin, NULL);
	qemu.timer_init_full(timer, NULL, CLOCK_VIRTUAL, SCALE_NS, 0, on_timer,
			     NULL);
	qemu.timer_mod_ns(timer, 0);
}

static void on_exit_of_qemu(uint64_t plugin, void *opaque)
{
	(void)plugin;
	(void)opaque;
	if (!armed)
		return;
	post_line(&console_line, qemu.qemu_clock_get_ns(CLOCK_VIRTUAL));
	post_line(&report_line, qemu.qemu_clock_get_ns(CLOCK_VIRTUAL));
	flush();
}

/*
 * The netdev writes a frame's length, in network byte order, and the frame, at
 * once.
 */
static void take_frame(const uint8_t *bytes, size_t length)
{
	uint32_t said;
	int64_t now;

	if (length < sizeof(said))
		give_up("QEMU wrote %zu bytes to its network", length);
	memcpy(&said, bytes, sizeof(said));
	said = __builtin_bswap32(said);
	if (said != length - sizeof(said) || said > MAX_FRAME)
		give_up("QEMU wrote %zu bytes to its network and said %u",
			length, said);
	now = qemu.qemu_clock_get_ns(CLOCK_VIRTUAL);
	post(MSG_FRAME, now, bytes + sizeof(said), said);
	if (now + turnaround < granted) {
		granted = now + turnaround;
		/*
		 * The new end is set when the timer has fired, not here: to arm
		 * the first timer of an idle guest moves its clock there at
		 * once, and the NIC has not yet said that the frame is sent.
		 */
		qemu.timer_mod_ns(timer, now);
	}
}

static void take_output(struct line *line, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		line->bytes[line->length++] = bytes[i];
		if (bytes[i] != '\n' && line->length < sizeof(line->bytes))
			continue;
		post_line(line, qemu.qemu_clock_get_ns(CLOCK_VIRTUAL));
		/*
		 * What a guest said last is known even when its QEMU is killed.
		 */
		flush();
	}
}

static size_t gathered(const struct msghdr *message, uint8_t *into, size_t room)
{
	size_t length = 0;

	for (size_t i = 0; i < message->msg_iovlen; i++) {
		const struct iovec *part = &message->msg_iov[i];

		if (part->iov_len > room - length)
			give_up("QEMU wrote more than %zu bytes at once", room);
		memcpy(into + length, part->iov_base, part->iov_len);
		length += part->iov_len;
	}
	return length;
}

OURS ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags)
{
	uint8_t bytes[sizeof(uint32_t) + 65536];
	size_t length;

	if (descriptor < 0 || !armed ||
	    (descriptor != nic_descriptor && descriptor != console_descriptor &&
	     descriptor != report_descriptor))
		return libc.sendmsg(descriptor, message, flags);
	length = gathered(message, bytes, sizeof(bytes));
	if (descriptor == nic_descriptor)
		take_frame(bytes, length);
	else
		take_output(descriptor == console_descriptor ? &console_line :
							       &report_line,
			    bytes, length);
	return length;
}

/*
 * The condition variables of before 2.3.2 are others; dlsym might find those.
 */
#define CONDITIONS "GLIBC_2.3.2"

__attribute__((constructor)) static void prepare(void)
{
	libc.sendmsg = dlsym(RTLD_NEXT, "sendmsg");
	libc.ppoll = dlsym(RTLD_NEXT, "ppoll");
	libc.cond_wait = dlvsym(RTLD_NEXT, "pthread_cond_wait", CONDITIONS);
	libc.cond_signal = dlvsym(RTLD_NEXT, "pthread_cond_signal", CONDITIONS);
	libc.cond_broadcast =
		dlvsym(RTLD_NEXT, "pthread_cond_broadcast", CONDITIONS);
	/*
	 * Newer QEMUs refuse version 1, which 7.2 has; this function came with
	 * version 2.
	 */
	if (dlsym(RTLD_DEFAULT, "qemu_plugin_num_vcpus"))
		qemu_plugin_version = 2;
}

OURS int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
	int error;

	if (!armed || !pthread_equal(pthread_self(), processor))
		return libc.cond_wait(condition, mutex);
	pthread_mutex_lock(&gate_lock);
	processor_waits_on = condition;
	processor_rests = true;
	libc.cond_signal(&gate);
	pthread_mutex_unlock(&gate_lock);
	error = libc.cond_wait(condition, mutex);
	pthread_mutex_lock(&gate_lock);
	processor_rests = false;
	pthread_mutex_unlock(&gate_lock);
	return error;
}

/* From now on the processor is as good as running. */
static void called(const pthread_cond_t *condition)
{
	pthread_mutex_lock(&gate_lock);
	if (condition == processor_waits_on)
		processor_rests = false;
	pthread_mutex_unlock(&gate_lock);
}

OURS int pthread_cond_signal(pthread_cond_t *condition)
{
	if (armed)
		called(condition);
	return libc.cond_signal(condition);
}

OURS int pthread_cond_broadcast(pthread_cond_t *condition)
{
	if (armed)
		called(condition);
	return libc.cond_broadcast(condition);
}

OURS int ppoll(struct pollfd *polled, nfds_t count,
	       const struct timespec *timeout, const sigset_t *signals)
{
	int ready = libc.ppoll(polled, count, timeout, signals);
	int error = errno;

	if (armed && gettid() == getpid()) {
		pthread_mutex_lock(&gate_lock);
		while (!processor_rests)
			libc.cond_wait(&gate, &gate_lock);
		pthread_mutex_unlock(&gate_lock);
	}
	errno = error;
	return ready;
}

/* Microseconds since 1970, as many as the processor has asked for. */
static int64_t time_of_day(void)
{
	static int64_t flushes;

	if (!armed)
		return START_US;
	if (pthread_equal(pthread_self(), processor))
		__atomic_add_fetch(&flushes, 1, __ATOMIC_RELAXED);
	return START_US +
	       __atomic_load_n(&flushes, __ATOMIC_RELAXED) * FLUSH_US;
}

/* What 7.2 asks. */
OURS int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
	int64_t now = time_of_day();

	(void)zone;
	*time = (struct timeval){ .tv_sec = now / SECOND_US,
				  .tv_usec = now % SECOND_US };
	return 0;
}

/* What 10.0 asks: GLib's. */
OURS int64_t g_get_real_time(void)
{
	return time_of_day();
}

/*
 * By its public name a library that was not preloaded gets the C library's
 * function, its own included.
 */
static ssize_t own_sendmsg(int descriptor, const struct msghdr *message,
			   int flags) __attribute__((alias("sendmsg")));

static bool find_symbols(void)
{
	for (size_t i = 0; i < sizeof(SYMBOLS) / sizeof(SYMBOLS[0]); i++) {
		void *found = dlsym(RTLD_DEFAULT, SYMBOLS[i].name);

		if (!found) {
			fprintf(stderr,
				"virtual time: this QEMU does not export %s; Debian's 7.2 and 10.0, built with modules, do\n",
				SYMBOLS[i].name);
			return false;
		}
		memcpy(SYMBOLS[i].where, &found, sizeof(found));
	}
	return true;
}

static bool take_argument(char *argument, const char **socket_path)
{
	char *value = strchr(argument, '=');

	if (!value)
		return false;
	*value++ = '\0';
	if (!strcmp(argument, "coordinator"))
		*socket_path = value;
	else if (!strcmp(argument, "port"))
		port = atoi(value);
	else if (!strcmp(argument, "shift"))
		instruction = INT64_C(1) << atoi(value);
	else if (!strcmp(argument, "nic"))
		nic_descriptor = atoi(value);
	else if (!strcmp(argument, "console"))
		console_descriptor = atoi(value);
	else if (!strcmp(argument, "report"))
		report_descriptor = atoi(value);
	else
		return false;
	return true;
}

static bool join_coordinator(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct hello hello = { .version = WIRE_VERSION, .port = port };

	if (!path || strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr,
			"virtual time: the coordinator's socket has no path, or too long a one\n");
		return false;
	}
	strcpy(address.sun_path, path);
	coordinator = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (coordinator < 0 || connect(coordinator, (struct sockaddr *)&address,
				       sizeof(address)) < 0) {
		fprintf(stderr, "virtual time: %s: %s\n", path,
			strerror(errno));
		return false;
	}
	post(MSG_HELLO, 0, &hello, sizeof(hello));
	flush();
	return true;
}

OURS int qemu_plugin_install(uint64_t plugin, const struct plugin_info *info,
			     int count, char **arguments)
{
	const char *socket_path = NULL;

	if (!info->system_emulation ||
	    strcmp(info->target_name, "x86_64") != 0) {
		fprintf(stderr,
			"virtual time: made for qemu-system-x86_64, not for %s\n",
			info->target_name);
		return -1;
	}
	/*
	 * The plugin is in the list of preloaded libraries or its sendmsg is
	 * never called.
	 */
	if (dlsym(RTLD_DEFAULT, "sendmsg") != (void *)own_sendmsg) {
		fprintf(stderr,
			"virtual time: the plugin has to be preloaded too (LD_PRELOAD)\n");
		return -1;
	}
	for (int i = 0; i < count; i++) {
		if (!take_argument(arguments[i], &socket_path)) {
			fprintf(stderr, "virtual time: unknown argument %s\n",
				arguments[i]);
			return -1;
		}
	}
	if (!find_symbols() || !join_coordinator(socket_path))
		return -1;
	qemu.qemu_plugin_register_vcpu_tb_trans_cb(plugin, on_translation);
	qemu.qemu_plugin_register_atexit_cb(plugin, on_exit_of_qemu, NULL);
	return 0;
}
