// SPDX-License-Identifier: GPL-2.0-only
/*
 * elastic: the command to the manager of this node.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "ask.h"
#include "control.h"
#include "page.h"
#include "show.h"
#include "size.h"
#include "trace.h"
#include "watch.h"
#include "wish-text.h"

/* Exit statuses of `elastic run` that are not the program's; as env(1) has. */
#define RUN_FAILED     125
#define NOT_EXECUTABLE 126
#define NOT_FOUND      127

static const char usage[] =
	"usage: elastic run [--children] [POLICY]... [--] COMMAND [ARGUMENT]...\n"
	"       elastic ps [--json]\n"
	"       elastic nodes [--json]\n"
	"       elastic stretch PID NODE\n"
	"       elastic contract PID\n"
	"       elastic stick PID\n"
	"       elastic unstick PID\n"
	"       elastic policy PID POLICY...\n"
	"       elastic trace\n"
	"       elastic watch [--every MS]\n"
	"\n"
	"  run       run an unmodified program, which is stretched to other nodes when it\n"
	"            outgrows its budget, and contracted when it fits again. Processes that\n"
	"            it starts are left alone, unless --children is given: then each of\n"
	"            them is treated like the first, with a budget of its own. A process\n"
	"            with more than one thread is not stretched\n"
	"  ps        processes of this node, and shells of others'\n"
	"  nodes     every node's memory, asked for now\n"
	"  stretch   stretch a process to a node, or to one more\n"
	"  contract  bring all of it home; it stays whole until told otherwise\n"
	"  stick     pull only, never jump\n"
	"  unstick   jump again\n"
	"  policy    change what follows, at once\n"
	"  trace     the kernel's events of stretched processes, until it is interrupted\n"
	"  watch     as ps, with the places of pages: a line of JSON every MS milliseconds,\n"
	"            500 or more and 500 when not given, and less often where that would take\n"
	"            more than 0.4 % of a processor\n"
	"\n"
	"POLICY is any of\n"
	"  --budget SIZE      memory that it may have here, K, M and G understood;\n"
	"                     what is free, less some, when not given; 0 for no limit\n"
	"  --policy NAME      adaptive (jump while it pays), threshold (jump after so many\n"
	"                     pages), sticky (never jump), migrate (move to another node\n"
	"                     altogether); adaptive when not given\n"
	"  --threshold N      pages needed from a node for a jump there, 1 to 1048576; with\n"
	"                     adaptive the first guess; 8\n"
	"  --window N         pages that one pull may bring, 1 to 64; 32\n"
	"  --nodes N          nodes to have at once when stretched, this one included,\n"
	"                     2 to 8; 2. More are added when these are full\n"
	"  --manual           stretch and contract on command only\n"
	"\n"
	"Exit status: run has the program's, or 125 when the manager does not take it,\n"
	"126 and 127 when the program cannot be run or found. The others have 0, 1 when\n"
	"the kernel or the manager refuses (standard error says why), 64 for a wrong\n"
	"command line, 69 when no manager runs here or, for trace, no module is loaded.\n";

static void __attribute__((noreturn))
fail(int status, const char *what, const char *why)
{
	fprintf(stderr, "elastic: %s: %s\n", what, why);
	exit(status);
}

static uint32_t number(const char *name, const char *text, long least,
		       long most)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value < least || value > most)
		fail(EX_USAGE, name, text);
	return (uint32_t)value;
}

static uint32_t pages(const char *text)
{
	uint64_t bytes;

	if (size_parse(text, &bytes) || bytes / PAGE_BYTES >= UINT32_MAX)
		fail(EX_USAGE, "--budget", text);
	if (bytes > 0 && bytes < PAGE_BYTES)
		fail(EX_USAGE, "--budget is less than a page", text);
	return (uint32_t)(bytes / PAGE_BYTES);
}

static const struct option options[] = {
	{ "budget", required_argument, NULL, 'b' },
	{ "policy", required_argument, NULL, 'p' },
	{ "threshold", required_argument, NULL, 't' },
	{ "window", required_argument, NULL, 'w' },
	{ "nodes", required_argument, NULL, 'n' },
	{ "manual", no_argument, NULL, 'm' },
	{ "children", no_argument, NULL, 'c' },
	{ "json", no_argument, NULL, 'j' },
	{ "every", required_argument, NULL, 'e' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct command_line {
	struct wish wish;
	bool json;
	uint32_t every_ms; /* between two readings of `watch` */
};

static void take_option(int option, struct command_line *line)
{
	struct wish *wish = &line->wish;

	switch (option) {
	case 'b':
		wish->budget = pages(optarg);
		wish->given |= WISH_BUDGET;
		break;
	case 'p':
		if (policy_by_name(optarg, &wish->mode))
			fail(EX_USAGE, "--policy", optarg);
		wish->given |= WISH_MODE;
		break;
	case 't':
		wish->threshold =
			number("--threshold", optarg, 1, THRESHOLD_MOST);
		wish->given |= WISH_THRESHOLD;
		break;
	case 'w':
		wish->window = number("--window", optarg, 1, WINDOW_MOST);
		wish->given |= WISH_WINDOW;
		break;
	case 'n':
		wish->nodes = number("--nodes", optarg, 2, EOS_NODES);
		wish->given |= WISH_NODES;
		break;
	case 'm':
		wish->manual = 1;
		break;
	case 'c':
		wish->children = 1;
		break;
	case 'j':
		line->json = true;
		break;
	case 'e':
		line->every_ms = number("--every", optarg, WATCH_LEAST_MS,
					WATCH_MOST_MS);
		break;
	case 'h':
		fputs(usage, stdout);
		exit(EX_OK);
	default:
		fputs("elastic: try --help\n", stderr);
		exit(EX_USAGE);
	}
}

/* Options end where the program's own command line begins. */
static void read_options(int argc, char **argv, struct command_line *line)
{
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
		take_option(option, line);
}

static const char *no_manager(int error)
{
	return error == -EPROTO ?
		       "it gave no answer" :
		       "no manager runs here; setup-src.sh or setup-dest.sh starts it";
}

static void ask_or_fail(struct control_request *request,
			struct control_reply *reply, int no_manager_status,
			int refused_status)
{
	int ret;

	ret = ask(request, reply, NULL);
	if (ret)
		fail(no_manager_status, CONTROL_SOCKET, no_manager(ret));
	if (reply->error)
		fail(refused_status, reply->text, strerror(reply->error));
}

static struct control_reply answer;

/* Processes that the program starts are known by what they inherit. */
static void hand_down(const struct wish *wish)
{
	char text[WISH_TEXT_BYTES];

	wish_to_text(wish, text);
	if (setenv(WISH_VARIABLE, text, 1))
		fail(RUN_FAILED, WISH_VARIABLE, strerror(errno));
}

static int run(char **argv, const struct command_line *line)
{
	struct control_request request = {
		.verb = VERB_RUN,
		.wish = line->wish,
	};

	if (!*argv)
		fail(EX_USAGE, "run", "COMMAND is missing");
	if (line->wish.children)
		hand_down(&line->wish);
	ask_or_fail(&request, &answer, RUN_FAILED, RUN_FAILED);
	execvp(argv[0], argv);
	fail(errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE, argv[0],
	     strerror(errno));
}

static int show(enum verb verb, const struct command_line *line)
{
	struct control_request request = { .verb = verb };

	ask_or_fail(&request, &answer, EX_UNAVAILABLE, 1);
	if (verb == VERB_PS)
		show_processes(&answer, line->json);
	else
		show_nodes(&answer, line->json);
	return fflush(stdout) ? EX_IOERR : EX_OK;
}

static int change(enum verb verb, char **argv, int count,
		  const struct command_line *line)
{
	int wanted = verb == VERB_STRETCH ? 2 : 1;
	struct control_request request = { .verb = verb, .wish = line->wish };

	if (count != wanted)
		fail(EX_USAGE, "arguments",
		     verb == VERB_STRETCH ? "PID NODE" : "PID");
	if (verb == VERB_POLICY && !line->wish.given)
		fail(EX_USAGE, "policy", "nothing to change was given");
	request.pid = (int32_t)number("PID", argv[0], 1, INT32_MAX);
	if (wanted == 2 && strlen(argv[1]) >= sizeof(request.node))
		fail(EX_USAGE, "NODE", argv[1]);
	if (wanted == 2)
		strcpy(request.node, argv[1]);
	ask_or_fail(&request, &answer, EX_UNAVAILABLE, 1);
	return EX_OK;
}

static const char *const verbs[] = {
	[VERB_RUN] = "run",           [VERB_PS] = "ps",
	[VERB_NODES] = "nodes",       [VERB_STRETCH] = "stretch",
	[VERB_CONTRACT] = "contract", [VERB_STICK] = "stick",
	[VERB_UNSTICK] = "unstick",   [VERB_POLICY] = "policy",
};

static enum verb verb_of(const char *name)
{
	for (size_t verb = 0; verb < sizeof(verbs) / sizeof(*verbs); verb++)
		if (!strcmp(name, verbs[verb]))
			return (enum verb)verb;
	fail(EX_USAGE, name, "there is no such command; try --help");
}

/*
 * How many words stand before the first option, as in `policy PID --policy
 * sticky`. getopt_long() would stop at them.
 */
static int skip_words(int argc, char **argv)
{
	int words = 0;

	while (words < argc && argv[words][0] != '-')
		words++;
	return words;
}

int main(int argc, char **argv)
{
	struct command_line line = { .every_ms = WATCH_LEAST_MS };
	enum verb verb;
	bool watched;
	int words;

	read_options(argc, argv, &line);
	if (optind == argc) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	if (!strcmp(argv[optind], "trace")) {
		if (optind + 1 < argc)
			fail(EX_USAGE, argv[optind + 1], "not understood");
		return trace_events();
	}
	watched = !strcmp(argv[optind], "watch");
	verb = watched ? VERB_PS : verb_of(argv[optind]);
	argc -= optind;
	argv += optind;
	words = verb == VERB_RUN ? 1 : skip_words(argc, argv);
	/* getopt_long() skips one word, the program's name: the last one */
	optind = 1;
	read_options(argc - words + 1, argv + words - 1, &line);
	if (verb == VERB_RUN)
		return run(argv + words - 1 + optind, &line);
	if (words - 1 + optind < argc)
		fail(EX_USAGE, argv[words - 1 + optind], "not understood");
	if (verb != VERB_PS && verb != VERB_NODES)
		return change(verb, argv + 1, words - 1, &line);
	if (words > 1)
		fail(EX_USAGE, argv[1], "not understood");
	if (watched)
		return watch(line.every_ms);
	return show(verb, &line);
}
