# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by the set-up scripts: what they are told by variables, named as in the 2018 release of ElasticOS.
#
#   EOS_LOCAL_ADDRESS           this node's IPv4 address
#   EOS_REMOTE_MACHINE          the other node's
#   EOS_REMOTE_PS_PORT          TCP port of the page server; 8022 when unset
#   EOS_RESTART_LISTENER_PORT   TCP port on which stretched processes are received; 9999 when unset
#   EOS_DIR                     folder of the programs, the same on both nodes; /usr/lib/testbed when unset
#
# Exit statuses that all of them share (sysexits.h): 64 wrong usage or variable, 68 the other node does not answer,
# 69 this kernel lacks what is to be set up, 71 something could not be set up.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
: "${EOS_LOCAL_ADDRESS:=}" "${EOS_REMOTE_MACHINE:=}"
: "${EOS_REMOTE_PS_PORT:=8022}" "${EOS_RESTART_LISTENER_PORT:=9999}" "${EOS_DIR:=/usr/lib/testbed}"

# fail STATUS WORD...
fail() {
	status=$1
	shift
	echo "${0##*/}: $*" >&2
	exit "$status"
}

# require_address NAME VALUE
require_address() {
	case $2 in
	'' | *[!0-9.]* | *.*.*.*.*) fail 64 "$1 is not an IPv4 address: '$2'" ;;
	*.*.*.*) ;;
	*) fail 64 "$1 is not an IPv4 address: '$2'" ;;
	esac
}

require_addresses() {
	require_address EOS_LOCAL_ADDRESS "$EOS_LOCAL_ADDRESS"
	require_address EOS_REMOTE_MACHINE "$EOS_REMOTE_MACHINE"
	[ -n "$(ip -o -4 address show to "$EOS_LOCAL_ADDRESS")" ] ||
		fail 64 "EOS_LOCAL_ADDRESS is not an address of this node: $EOS_LOCAL_ADDRESS"
}

# require_port NAME VALUE
require_port() {
	case $2 in
	'' | *[!0-9]* | ??????*) fail 64 "$1 is not a port: '$2'" ;;
	esac
	if [ "$2" -lt 1 ] || [ "$2" -gt 65535 ]; then fail 64 "$1 is not a port: '$2'"; fi
}

# What setup-dest.sh and setup-src.sh can make sure of on any kernel.
require_elasticos_environment() {
	require_addresses
	require_port EOS_REMOTE_PS_PORT "$EOS_REMOTE_PS_PORT"
	require_port EOS_RESTART_LISTENER_PORT "$EOS_RESTART_LISTENER_PORT"
	[ -d "$EOS_DIR" ] || fail 64 "EOS_DIR is not a folder: '$EOS_DIR'"
	ping -c 1 -W 5 "$EOS_REMOTE_MACHINE" >/dev/null 2>&1 || fail 68 "$EOS_REMOTE_MACHINE does not answer"
}

# The kernel's part of ElasticOS shows itself as a device.
require_elasticos_kernel() {
	[ -c /dev/elasticos ] ||
		fail 69 "kernel $(uname -r) has no /dev/elasticos and cannot stretch processes: this arrives with ElasticOS"
	fail 69 'there is a /dev/elasticos, but this version of the testbed does not set it up yet'
}
