#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# setup-src.sh [PROGRAM]: starts PROGRAM, of the folder EOS_DIR, on this node in such a way that it stretches to
# EOS_REMOTE_MACHINE when it runs out of memory here. To be run right after setup-dest.sh has run there. Variables and
# exit statuses are those of eos-environment.sh.

# shellcheck source=guests/eos-environment.sh
. "${0%/*}/eos-environment.sh"

[ $# -le 1 ] || fail 64 'usage: setup-src.sh [PROGRAM]'
require_elasticos_environment
[ $# -eq 0 ] || [ -x "$EOS_DIR/$1" ] || fail 64 "there is no program $1 in $EOS_DIR"
require_elasticos_kernel
