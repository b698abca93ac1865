#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# setup-dest.sh: prepares this node as the one that processes of EOS_REMOTE_MACHINE stretch to. To be run right before
# setup-src.sh is run there. Variables and exit statuses are those of eos-environment.sh.

# shellcheck source=guests/eos-environment.sh
. "${0%/*}/eos-environment.sh"

[ $# -eq 0 ] || fail 64 'usage: setup-dest.sh'
require_elasticos_environment
require_elasticos_kernel
