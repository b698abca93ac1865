// SPDX-License-Identifier: GPL-2.0-only
/*
 * talk: one side of a talk between two managers, on 127.0.0.1.
 *
 *	talk listen KEY_FILE PORT	takes one caller and answers its frame
 *	talk dial KEY_FILE PORT TEXT	calls, and sends TEXT in a frame
 *
 * Prints how it went and what came. Ends with status 1 when one side has
 * refused the other.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "deadline.h"
#include "talk.h"

#define LOOPBACK    0x7f000001
#define PATIENCE_MS 3000

static int tell(const char *what, int ret)
{
	printf("%s: %s\n", what, strerror(-ret));
	return 1;
}

static int take(struct talk *talk)
{
	struct frame frame;
	int ret = talk_receive(talk, &frame);

	if (ret)
		return tell("frame", ret);
	printf("frame %u: %.*s\n", frame.type, frame.length, frame.body);
	return 0;
}

static int give(struct talk *talk, uint16_t type, const char *text)
{
	struct frame frame = { .type = type, .length = (uint16_t)strlen(text) };
	int ret;

	memcpy(frame.body, text, frame.length);
	ret = talk_send(talk, &frame);
	return ret ? tell("frame", ret) : 0;
}

static int accept_one(uint16_t port)
{
	int listener = stream_listen((struct endpoint){ LOOPBACK, port });
	struct pollfd caller = { .fd = listener, .events = POLLIN };

	if (listener < 0)
		return -1;
	puts("listening");
	fflush(stdout);
	poll(&caller, 1, PATIENCE_MS);
	return accept(listener, NULL, NULL);
}

static int listen_once(const struct key *key, uint16_t port)
{
	int fd = accept_one(port), ret;
	struct talk talk;

	if (fd < 0)
		return 2;
	ret = talk_accept(&talk, fd, key, now_ms() + PATIENCE_MS);
	if (ret)
		return tell("refused", ret);
	return take(&talk) || give(&talk, 2, "heard");
}

static int dial_once(const struct key *key, uint16_t port, const char *text)
{
	struct talk talk;
	int ret;

	ret = talk_dial(&talk, (struct endpoint){ LOOPBACK, port }, key,
			now_ms() + PATIENCE_MS);
	if (ret)
		return tell("refused", ret);
	return give(&talk, 1, text) || take(&talk);
}

int main(int argc, char **argv)
{
	struct key key;
	uint16_t port;

	if (argc < 4 || key_read(argv[2], &key))
		return 2;
	port = (uint16_t)atoi(argv[3]);
	if (!strcmp(argv[1], "listen"))
		return listen_once(&key, port);
	return dial_once(&key, port, argc > 4 ? argv[4] : "");
}
