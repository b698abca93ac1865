#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# setup-src.sh [PROGRAM [ARGUMENT...]]: prepares this node as one whose processes stretch to EOS_REMOTE_MACHINE, and runs
# PROGRAM, of the folder EOS_DIR, in such a way that it does when it runs out of memory here. To be run after
# setup-dest.sh has run there. Without PROGRAM, running it again changes nothing and the last line of its output is a
# JSON object with what was set up: `elastic run` then runs any program. Variables and exit statuses are those of
# eos-environment.sh; with PROGRAM the status is the program's.

# shellcheck source=guests/eos-environment.sh
. "${0%/*}/eos-environment.sh"

# The manager there answers, and knows the key that this one has.
destination_answers() {
	"$EOS_DIR/elastic" nodes --json | grep -q "\"address\":\"$EOS_REMOTE_MACHINE\",\"self\":false,\"totalBytes\""
}

require_elasticos_environment
[ $# -eq 0 ] || [ -x "$EOS_DIR/$1" ] || fail 64 "there is no program $1 in $EOS_DIR"
require_elasticos_kernel
keep_pages_free
start_manager
destination_answers || fail 68 "no manager of this testbed answers at $EOS_REMOTE_MACHINE: run setup-dest.sh there first"
if [ $# -eq 0 ]; then
	manager_facts src
else
	program=$EOS_DIR/$1
	shift
	exec "$EOS_DIR/elastic" run -- "$program" "$@"
fi
