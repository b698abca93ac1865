// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "settings.h"
#include "suspension.h"
#include "wire.h"

/* The words of a line; what is missing is empty. */
struct words {
	char *all[6];
};

static void split(char *line, struct words *words)
{
	char *rest = line;

	for (int i = 0; i < 6; i++) {
		char *word = strtok_r(i == 0 ? line : NULL, " \n", &rest);

		words->all[i] = word ? word : "";
	}
}

static int64_t number(const struct words *words, int index, int64_t least,
		      int64_t most)
{
	const char *text = words->all[index];
	char *end;
	int64_t value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || end == text || *end || value < least || value > most)
		complain("setting %s: '%s' is no number from %" PRId64
			 " to %" PRId64,
			 words->all[0], text, least, most);
	return value;
}

static double probability(const struct words *words, int index)
{
	const char *text = words->all[index];
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= 0 && value <= 1))
		complain("setting %s: '%s' is no number from 0 to 1",
			 words->all[0], text);
	return value;
}

static void copy(char *into, size_t room, const struct words *words)
{
	if (strlen(words->all[1]) >= room)
		complain("setting %s: the path is too long", words->all[0]);
	strcpy(into, words->all[1]);
}

static void add_cut(struct network *network, const struct words *words)
{
	struct cut *cut = &network->cuts[network->cut_count];

	if (network->cut_count++ == MAX_CUTS)
		complain("more than %d cuts", MAX_CUTS);
	cut->port = number(words, 1, 1, MAX_PORTS);
	cut->from = number(words, 2, 0, NEVER);
	cut->to = number(words, 3, cut->from, NEVER);
	cut->other = number(words, 4, 0, MAX_PORTS);
	cut->sent = !strcmp(words->all[5], "sent");
	cut->received = !strcmp(words->all[5], "received");
	if (!strcmp(words->all[5], "both"))
		cut->sent = cut->received = true;
	if (!cut->sent && !cut->received)
		complain("setting cut: '%s' is not both, sent or received",
			 words->all[5]);
}

static void take(const struct words *words, struct settings *settings,
		 struct network *network)
{
	const char *name = words->all[0];

	if (!strcmp(name, "socket")) {
		copy(settings->socket, sizeof(settings->socket), words);
	} else if (!strcmp(name, "capture")) {
		copy(settings->capture, sizeof(settings->capture), words);
		settings->capture_bytes = number(words, 2, 14, MAX_FRAME);
	} else if (!strcmp(name, "ports")) {
		network->ports = number(words, 1, 1, MAX_PORTS);
	} else if (!strcmp(name, "spared")) {
		network->spared = number(words, 1, 1, MAX_PORTS);
	} else if (!strcmp(name, "quantum")) {
		settings->quantum = number(words, 1, 1, NEVER);
	} else if (!strcmp(name, "deadline")) {
		settings->deadline = number(words, 1, 1, NEVER);
	} else if (!strcmp(name, "latency")) {
		network->latency = number(words, 1, 1, INT64_C(1000000000));
	} else if (!strcmp(name, "bandwidth")) {
		network->bandwidth =
			number(words, 1, 1, INT64_C(1000000000000));
	} else if (!strcmp(name, "queue")) {
		network->queue_bytes = number(words, 1, 1, INT64_C(1000000000));
	} else if (!strcmp(name, "seed")) {
		network->seed = number(words, 1, 0, NEVER);
	} else if (!strcmp(name, "loss")) {
		network->loss = probability(words, 1);
	} else if (!strcmp(name, "duplicate")) {
		network->duplicate = probability(words, 1);
	} else if (!strcmp(name, "reorder")) {
		network->reorder = probability(words, 1);
		network->reorder_delay =
			number(words, 2, 0, INT64_C(10000000000));
	} else if (!strcmp(name, "jitter")) {
		network->jitter = number(words, 1, 0, INT64_C(10000000000));
	} else if (!strcmp(name, "cut")) {
		add_cut(network, words);
	} else if (!strcmp(name, "crash")) {
		settings->crash_at[number(words, 1, 1, MAX_PORTS)] =
			number(words, 2, 0, NEVER);
	} else if (!strcmp(name, "suspend")) {
		int64_t from = number(words, 2, 0, NEVER);

		suspend(number(words, 1, 1, MAX_PORTS), from,
			number(words, 3, from, NEVER));
	} else if (!strcmp(name, "pause")) {
		settings->pause_at[number(words, 1, 1, MAX_PORTS)] =
			number(words, 2, 0, NEVER);
	} else {
		complain("there is no setting '%s'", name);
	}
}

static void check(const struct settings *settings,
		  const struct network *network)
{
	if (!settings->socket[0] || !network->ports || !network->latency ||
	    !network->bandwidth || !network->queue_bytes || !settings->quantum)
		complain(
			"socket, ports, quantum, latency, bandwidth and queue must be set");
	if (settings->quantum > network->latency)
		complain("the quantum is longer than the latency");
}

void read_settings(FILE *from, struct settings *settings,
		   struct network *network)
{
	char line[8192];
	struct words words;

	settings->deadline = NEVER;
	for (int port = 0; port <= MAX_PORTS; port++)
		settings->crash_at[port] = settings->pause_at[port] = NEVER;
	while (fgets(line, sizeof(line), from)) {
		split(line, &words);
		if (!strcmp(words.all[0], "start")) {
			check(settings, network);
			return;
		}
		take(&words, settings, network);
	}
	complain("the settings end without 'start'");
}
