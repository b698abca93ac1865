// SPDX-License-Identifier: GPL-2.0-only
/*
 * linkprobe - measures the link between two guests
 *
 *	linkprobe receive		prints a port, takes one TCP stream
 *					there, and prints what came
 *	linkprobe send ADDRESS PORT MS	sends a TCP stream for MS milliseconds
 *	linkprobe echo ADDRESS COUNT	sends COUNT ICMP echoes in turn
 *	linkprobe answer		prints a port, and answers questions
 *					over TCP there
 *	linkprobe ask ADDRESS PORT COUNT
 *					asks COUNT times with 32 bytes, each
 *					time for 4096
 *
 * Every line of output is one JSON object. Durations are nanoseconds of the
 * clock of the guest that prints them; no two clocks are ever compared.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Twice the largest segment that the stack hands to the NIC at once. */
#define BUFFER_BYTES (128 * 1024)
/* Nothing here takes longer; a process whose peer is lost ends after this. */
#define LIFETIME_S     60
#define ECHO_TIMEOUT_S 2
#define MAX_ECHOES     1000
#define MAX_SEND_MS    30000
/* The payload of ping(8): 56 bytes, 84 with the headers. */
#define ECHO_PAYLOAD 56
/* A pull of ElasticOS, without its headers. */
#define QUESTION_BYTES 32
#define ANSWER_BYTES   4096

static char buffer[BUFFER_BYTES];

static int fail(const char *what)
{
	fprintf(stderr, "linkprobe: %s: %s\n", what, strerror(errno));
	return 1;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int parse_address(const char *text, struct in_addr *address)
{
	if (inet_pton(AF_INET, text, address) == 1)
		return 0;
	fprintf(stderr, "linkprobe: %s is not an IPv4 address\n", text);
	return -1;
}

static long parse_number(const char *text, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 1 || n > max) {
		fprintf(stderr, "linkprobe: %s is not a number from 1 to %ld\n",
			text, max);
		return -1;
	}
	return n;
}

static int receive_stream(int fd)
{
	uint64_t first = 0, last = 0, bytes = 0;
	ssize_t n;

	/*
	 * The first read starts the clock. Its bytes are not counted: they were
	 * sent before.
	 */
	while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
		last = now_ns();
		if (first)
			bytes += (uint64_t)n;
		else
			first = last;
	}
	if (n < 0)
		return fail("read");
	printf("{\"bytes\":%llu,\"nanoseconds\":%llu}\n",
	       (unsigned long long)bytes, (unsigned long long)(last - first));
	return 0;
}

/* Prints a port and waits for a connection there. Returns it, or -1. */
static int wait_for_peer(void)
{
	struct sockaddr_in self = { .sin_family = AF_INET };
	socklen_t length = sizeof(self);
	int listener, fd;

	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 ||
	    bind(listener, (struct sockaddr *)&self, sizeof(self)) < 0 ||
	    listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)&self, &length) < 0) {
		fail("listen");
		return -1;
	}
	printf("{\"port\":%u}\n", ntohs(self.sin_port));
	fflush(stdout);
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		fail("accept");
	return fd;
}

/* Returns a connection to @address, or -1. */
static int connect_to(const char *address, const char *port)
{
	struct sockaddr_in peer = { .sin_family = AF_INET };
	long number = parse_number(port, 65535);
	int fd;

	if (number < 0 || parse_address(address, &peer.sin_addr))
		return -1;
	peer.sin_port = htons((uint16_t)number);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&peer, sizeof(peer)) < 0) {
		fail("connect");
		return -1;
	}
	return fd;
}

static int receive(void)
{
	int fd = wait_for_peer();

	return fd < 0 ? 1 : receive_stream(fd);
}

static int send_stream(const char *address, const char *port,
		       const char *duration)
{
	long ms = parse_number(duration, MAX_SEND_MS);
	uint64_t end;
	int fd;

	if (ms < 0)
		return 2;
	fd = connect_to(address, port);
	if (fd < 0)
		return 1;
	for (end = now_ns() + (uint64_t)ms * 1000000u; now_ns() < end;)
		if (write(fd, buffer, sizeof(buffer)) < 0)
			return fail("write");
	if (shutdown(fd, SHUT_WR) < 0)
		return fail("shutdown");
	/* The receiver closes when it has read everything. */
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	return 0;
}

struct echo {
	struct icmphdr header;
	uint8_t payload[ECHO_PAYLOAD];
};

/* The Internet checksum (RFC 1071). */
static uint16_t checksum(const void *data, size_t bytes)
{
	const uint8_t *p = data;
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i + 1 < bytes; i += 2)
		sum += (uint32_t)(p[i] | p[i + 1] << 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/*
 * Waits for the answer to @sequence: 1 when it came, 0 on the timeout, -1 on an
 * error.
 */
static int await_reply(int fd, uint16_t id, uint16_t sequence)
{
	union {
		struct iphdr ip;
		uint8_t bytes[256];
	} packet;
	struct icmphdr icmp;
	size_t header;
	ssize_t n;

	for (;;) {
		n = recv(fd, &packet, sizeof(packet), 0);
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
		if ((size_t)n < sizeof(packet.ip))
			continue;
		header = packet.ip.ihl * 4u;
		if ((size_t)n < header + sizeof(icmp))
			continue;
		memcpy(&icmp, packet.bytes + header, sizeof(icmp));
		if (icmp.type == ICMP_ECHOREPLY && icmp.un.echo.id == id &&
		    icmp.un.echo.sequence == sequence)
			return 1;
	}
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void print_echoes(uint64_t *times, long sent, long received)
{
	uint64_t sum = 0;

	for (long i = 0; i < received; i++)
		sum += times[i];
	qsort(times, (size_t)received, sizeof(*times), by_value);
	printf("{\"sent\":%ld,\"received\":%ld,\"median_ns\":%llu,\"minimum_ns\":%llu,\"mean_ns\":%llu}\n",
	       sent, received,
	       (unsigned long long)(received ? times[received / 2] : 0),
	       (unsigned long long)(received ? times[0] : 0),
	       (unsigned long long)(received ? sum / (uint64_t)received : 0));
}

static int echo(const char *address, const char *count)
{
	struct timeval timeout = { .tv_sec = ECHO_TIMEOUT_S };
	struct sockaddr_in peer = { .sin_family = AF_INET };
	uint16_t id = (uint16_t)getpid();
	static uint64_t times[MAX_ECHOES];
	long echoes = parse_number(count, MAX_ECHOES), received = 0, i;
	struct echo request;
	uint64_t start;
	int fd, came;

	if (echoes < 0 || parse_address(address, &peer.sin_addr))
		return 2;
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	if (fd < 0)
		return fail("raw socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		return fail("SO_RCVTIMEO");
	for (i = 0; i < echoes; i++) {
		memset(&request, 0, sizeof(request));
		request.header.type = ICMP_ECHO;
		request.header.un.echo.id = id;
		request.header.un.echo.sequence = htons((uint16_t)i);
		request.header.checksum = checksum(&request, sizeof(request));
		start = now_ns();
		if (sendto(fd, &request, sizeof(request), 0,
			   (struct sockaddr *)&peer, sizeof(peer)) < 0)
			return fail("sendto");
		came = await_reply(fd, id, request.header.un.echo.sequence);
		if (came < 0)
			return fail("recv");
		if (came)
			times[received++] = now_ns() - start;
	}
	print_echoes(times, echoes, received);
	return 0;
}

static int no_delay(int fd)
{
	int yes = 1;

	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

static int answer(void)
{
	int fd = wait_for_peer();

	if (fd < 0 || no_delay(fd))
		return 1;
	while (recv(fd, buffer, QUESTION_BYTES, MSG_WAITALL) == QUESTION_BYTES)
		if (write(fd, buffer, ANSWER_BYTES) != ANSWER_BYTES)
			return fail("write");
	return 0;
}

static int ask(const char *address, const char *port, const char *count)
{
	static uint64_t times[MAX_ECHOES];
	long questions = parse_number(count, MAX_ECHOES), i;
	int fd;

	if (questions < 0)
		return 2;
	fd = connect_to(address, port);
	if (fd < 0 || no_delay(fd))
		return 1;
	for (i = 0; i < questions; i++) {
		uint64_t start = now_ns();

		if (write(fd, buffer, QUESTION_BYTES) != QUESTION_BYTES ||
		    recv(fd, buffer, ANSWER_BYTES, MSG_WAITALL) != ANSWER_BYTES)
			return fail("answer");
		times[i] = now_ns() - start;
	}
	print_echoes(times, questions, questions);
	return 0;
}

int main(int argc, char **argv)
{
	alarm(LIFETIME_S);
	if (argc == 2 && !strcmp(argv[1], "receive"))
		return receive();
	if (argc == 5 && !strcmp(argv[1], "send"))
		return send_stream(argv[2], argv[3], argv[4]);
	if (argc == 4 && !strcmp(argv[1], "echo"))
		return echo(argv[2], argv[3]);
	if (argc == 2 && !strcmp(argv[1], "answer"))
		return answer();
	if (argc == 5 && !strcmp(argv[1], "ask"))
		return ask(argv[2], argv[3], argv[4]);
	fprintf(stderr,
		"usage: linkprobe receive | send ADDRESS PORT MS | echo ADDRESS COUNT | answer | ask ADDRESS PORT COUNT\n");
	return 2;
}
