#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# setup-dest.sh: prepares this node as one that processes of EOS_REMOTE_MACHINE stretch to: loads the kernel's part and
# starts the manager, which takes calls before this ends. To be run before setup-src.sh is run there; running it again
# changes nothing. The last line of its output is a JSON object with what was set up. Variables and exit statuses are
# those of eos-environment.sh.

# shellcheck source=guests/eos-environment.sh
. "${0%/*}/eos-environment.sh"

[ $# -eq 0 ] || fail 64 'usage: setup-dest.sh'
require_elasticos_environment
require_elasticos_kernel
keep_pages_free
start_manager
manager_facts dest
