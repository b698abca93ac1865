# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Sourced by the set-up scripts: what they are told by variables, named as in the 2018 release of ElasticOS.
#
#   EOS_LOCAL_ADDRESS           this node's IPv4 address
#   EOS_REMOTE_MACHINE          the other node's
#   EOS_REMOTE_PS_PORT          TCP port of the page server; 8022 when unset. Nodes of one process meet there
#   EOS_RESTART_LISTENER_PORT   TCP port on which stretched processes are received; 9999 when unset
#   EOS_DIR                     folder of the programs, the same on both nodes; /usr/lib/testbed when unset
#
# and by some that the 2018 release did not have:
#
#   EOS_LEND                    most memory to lend to other nodes' processes, K, M and G understood; what is free
#   EOS_LEASE                   seconds of silence after which another node is lost; 10 when unset
#   EOS_WIRE                    plain, or sealed: kernels encrypt and authenticate what they say; plain when unset
#   EOS_MIN_FREE_KBYTES         vm.min_free_kbytes; 8192 when unset
#   EOS_BUDGET                  of nodes that swap: what programs may have, K, M and G understood; what there is
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

# The kernel's part of ElasticOS is a module, and shows itself as a device.
require_elasticos_kernel() {
	[ -c /dev/elasticos ] || modprobe elasticos 2>/dev/null
	[ -c /dev/elasticos ] ||
		fail 69 "kernel $(uname -r) has no module elasticos and cannot stretch processes"
}

# meminfo FIELD: kilobytes.
meminfo() {
	sed -n "s/^$1: *\([0-9]*\) kB\$/\1/p" /proc/meminfo
}

# bytes NAME VALUE: of a number with an optional K, M or G.
bytes() {
	number=${2%[KMG]}
	case $number in
	'' | *[!0-9]*) fail 64 "$1 is not a size: '$2'" ;;
	esac
	case $2 in
	*K) number=$((number * 1024)) ;;
	*M) number=$((number * 1024 * 1024)) ;;
	*G) number=$((number * 1024 * 1024 * 1024)) ;;
	esac
	echo "$number"
}

# Takes memory away until programs have no more than EOS_BUDGET of it. What there is to have ends at the min watermark,
# vm.min_free_kbytes, where a program that wants a page has to swap one out itself: under pressure kswapd, which begins a
# quarter earlier, is not quick enough to keep it from there. What the page cache can give is given first: the rest of it may
# be the root file system in RAM. ramfs is never swapped.
leave_budget() {
	[ -n "${EOS_BUDGET:-}" ] || return 0
	still_watermarks
	budget=$(bytes EOS_BUDGET "$EOS_BUDGET") || exit
	place=/run/testbed/taken
	mkdir -p "$place"
	grep -q " $place " /proc/mounts || mount -t ramfs -o mode=700 ramfs "$place" || fail 71 'no ramfs'
	rm -f "$place/memory"
	echo 3 >/proc/sys/vm/drop_caches
	have=$(($(meminfo MemFree) - $(cat /proc/sys/vm/min_free_kbytes)))
	taken=$(((have - budget / 1024) / 64))
	[ "$taken" -ge 0 ] || fail 71 "programs can have $have KiB on this node, and should have $((budget / 1024))"
	dd if=/dev/zero of="$place/memory" bs=64k count="$taken" 2>/dev/null || fail 71 "$place/memory could not be filled"
}

# Linux 5 and later lift the watermarks for a while when memory becomes fragmented: by 18 MiB on a node of 128, which its
# programs then have less.
still_watermarks() {
	[ ! -e /proc/sys/vm/watermark_boost_factor ] || sysctl -q -w vm.watermark_boost_factor=0
}

# Memory that the network needs must not itself wait for memory, whatever is done on top of it.
keep_pages_free() {
	still_watermarks
	sysctl -q -w "vm.min_free_kbytes=${EOS_MIN_FREE_KBYTES:-8192}" || fail 71 'vm.min_free_kbytes could not be set'
}

# The manager of this node; one that runs already goes on as it is.
start_manager() {
	pid_file=/run/elastic/elasticd.pid
	if [ -e "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null; then return; fi
	"$EOS_DIR/elasticd" --address "$EOS_LOCAL_ADDRESS" --shell-port "$EOS_RESTART_LISTENER_PORT" \
		--page-port "$EOS_REMOTE_PS_PORT" ${EOS_LEND:+--lend "$EOS_LEND"} ${EOS_LEASE:+--lease "$EOS_LEASE"} \
		${EOS_WIRE:+--wire "$EOS_WIRE"} ||
		fail 71 'the manager does not start'
}

# manager_facts ROLE: what has been set up, as a JSON object.
manager_facts() {
	printf '{"role":"%s","manager":%s,"address":"%s","shell_port":%s,"page_port":%s,"wire":"%s","nodes":%s}\n' "$1" \
		"$(cat /run/elastic/elasticd.pid)" "$EOS_LOCAL_ADDRESS" "$EOS_RESTART_LISTENER_PORT" \
		"$EOS_REMOTE_PS_PORT" "${EOS_WIRE:-plain}" "$("$EOS_DIR/elastic" nodes --json)"
}
