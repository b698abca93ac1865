// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "deadline.h"
#include "guest.h"
#include "shell.h"

static const char *caller(int fd, char text[INET_ADDRSTRLEN])
{
	struct endpoint end = { 0 };
	struct in_addr address;

	stream_other_end(fd, &end);
	address.s_addr = htonl(end.address);
	return inet_ntop(AF_INET, &address, text, INET_ADDRSTRLEN);
}

static int answer_status(const struct manager *manager, struct talk *talk)
{
	struct message_status health;
	struct frame frame;

	health_look(manager, &health);
	status_pack(&health, &frame);
	return talk_send(talk, &frame);
}

static int serve_shell_port(const struct guest *guest,
			    struct worker_channel *channel, struct talk *talk,
			    const struct frame *frame)
{
	struct message_adopt adopt;
	int ret;

	if (frame->type == MESSAGE_ASK) {
		ret = answer_status(guest->manager, talk);
		if (!ret)
			worker_result(channel, 0, "told how we are");
		return ret;
	}
	ret = adopt_unpack(frame, &adopt);
	if (ret)
		return ret;
	talk->deadline = now_ms() + TALK_MS;
	shell_adopt(guest->manager, channel, talk, &adopt);
	return 0;
}

static int serve_page_port(struct worker_channel *channel, struct talk *talk,
			   const struct frame *frame)
{
	struct message_join join;
	int ret;

	ret = join_unpack(frame, &join);
	if (ret)
		return ret;
	shell_join(channel, talk, &join);
	return 0;
}

/**
 * guest_serve - speak to a caller; a worker's part
 * @channel: to the manager
 * @argument: struct guest
 *
 * The caller has to prove that it knows the key. Only after that can a message
 * hand the connection to the kernel.
 */
void guest_serve(struct worker_channel *channel, void *argument)
{
	const struct guest *guest = argument;
	struct report proven = { .type = REPORT_PROVEN };
	char address[INET_ADDRSTRLEN] = "?";
	struct frame frame;
	struct talk talk;
	int ret;

	caller(guest->fd, address);
	ret = talk_accept(&talk, guest->fd, &guest->manager->settings.key,
			  now_ms() + TALK_MS);
	if (ret) {
		worker_result(channel, -ret, "stranger at %s refused: %s",
			      address, strerror(-ret));
		return;
	}
	worker_report(channel, &proven);
	ret = talk_receive(&talk, &frame);
	if (!ret)
		ret = guest->for_pages ?
			      serve_page_port(channel, &talk, &frame) :
			      serve_shell_port(guest, channel, &talk, &frame);
	if (ret)
		worker_result(channel, -ret, "talk with %s: %s", address,
			      strerror(-ret));
}
