#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The paper's baseline: a compute node that swaps, over nbd, on RAM of a memory node.
#
#   nbd-setup.sh memory-node     export RAM to the compute node EOS_REMOTE_MACHINE
#   nbd-setup.sh compute-node    swap on what the memory node EOS_REMOTE_MACHINE exports
#   nbd-setup.sh                 whichever of the two the testbed has this node for
#   nbd-setup.sh stop            end both on this node
#
# To be run on the memory node first. Running it again changes nothing. The last line of its output is a JSON object
# with what was set up. Exit statuses and the common variables are those of eos-environment.sh; beside them:
#
#   EOS_NBD_SIZE          memory node: bytes to export, K, M and G understood; half of the RAM when unset, or what fits
#   EOS_NBD_PORT          10800 plus the last number of the compute node's address when unset: each has its own server
#   EOS_NBD_DEVICE        compute node: /dev/nbd0 when unset
#   EOS_PAGE_CLUSTER      compute node: vm.page-cluster; 0, a page at a time, when unset
#   EOS_MIN_FREE_KBYTES   compute node: vm.min_free_kbytes; 8192 when unset: what a page needs on its way out must not
#                         itself wait for memory

# shellcheck source=guests/eos-environment.sh
. "${0%/*}/eos-environment.sh"

PLACE=/run/testbed/nbd
EXPORT=swap
MIB=1048576
# Without it the server takes a minute to begin, and on 2.6.38 never answers.
SHIM=${0%/*}/nbd-server-shim.so
# Left free beside the export, for the memory node's own programs and its network.
RESERVE_KB=24576

# The port on which the server for one compute node listens.
port_for() {
	echo "${EOS_NBD_PORT:-$((10800 + ${1##*.}))}"
}

# Bytes to export when no size was asked for: those of the export that is there, or half of the RAM where that fits.
usual_size() {
	if alive "$pid_file"; then
		stat -c %s "$file"
		return
	fi
	half=$(($(meminfo MemTotal) / 2))
	room=$(($(meminfo MemFree) - RESERVE_KB))
	[ "$half" -le "$room" ] || half=$room
	[ "$half" -ge 1024 ] || fail 71 "nothing can be exported: $(meminfo MemFree) KiB of memory are free, less $RESERVE_KB"
	echo "${half}K"
}

# Bytes to export, in whole MiB.
export_size() {
	size=${EOS_NBD_SIZE:-$(usual_size)} || exit
	size=$(bytes EOS_NBD_SIZE "$size") || exit
	[ "$size" -ge $MIB ] || fail 64 "EOS_NBD_SIZE is less than 1M: '$EOS_NBD_SIZE'"
	echo $((size / MIB * MIB))
}

# until_true TRIES COMMAND...: a tenth of a second between two tries.
until_true() {
	tries=$1
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

alive() {
	pid=$(cat "$1" 2>/dev/null) && kill -0 "$pid" 2>/dev/null
}

memory_node() {
	require_addresses
	port=$(port_for "$EOS_REMOTE_MACHINE")
	export_place=$PLACE/$EOS_REMOTE_MACHINE
	file=$export_place/ram/swap
	pid_file=$export_place/pid
	size=$(export_size) || exit

	if alive "$pid_file"; then
		[ "$(stat -c %s "$file")" -eq "$size" ] ||
			fail 71 "$EOS_REMOTE_MACHINE already has an export of another size: nbd-setup.sh stop"
	else
		mkdir -p "$export_place/ram" || fail 71 "no place for $export_place"
		fill_ram
		serve
	fi
	until_true 50 serving || fail 71 "nbd-server does not serve $EOS_LOCAL_ADDRESS:$port"
	printf '{"role":"memory-node","server":"%s:%s","client":"%s","bytes":%s}\n' \
		"$EOS_LOCAL_ADDRESS" "$port" "$EOS_REMOTE_MACHINE" "$size"
}

# ramfs is never swapped. All of its pages are taken now: an export that does not fit is an error here, not the end of
# some process in the middle of a run, and no page fault of the compute node pays for a page being cleared.
fill_ram() {
	grep -q " $export_place/ram " /proc/mounts ||
		mount -t ramfs -o mode=700 ramfs "$export_place/ram" || fail 71 'no ramfs'
	rm -f "$file"
	free=$(meminfo MemFree)
	[ $((size / 1024 + RESERVE_KB)) -le "$free" ] ||
		fail 71 "an export of $((size / 1024)) KiB does not fit into $free KiB of free memory, less $RESERVE_KB"
	dd if=/dev/zero of="$file" bs=1M count=$((size / MIB)) 2>/dev/null || fail 71 "$file could not be filled"
}

serve() {
	cat >"$export_place/config" <<-END
		[generic]
		user = root
		group = root
		listenaddr = $EOS_LOCAL_ADDRESS
		port = $port
		allowlist = true
		[$EXPORT]
		exportname = $file
		flush = false
		fua = false
		trim = false
	END
	LD_PRELOAD=$SHIM nbd-server -C "$export_place/config" -p "$pid_file" 2>"$export_place/log" ||
		fail 71 "nbd-server: $(tail -n 1 "$export_place/log")"
	until_true 50 alive "$pid_file" || fail 71 "nbd-server: $(tail -n 1 "$export_place/log")"
	# The server is all that the memory node is for.
	echo -1000 >"/proc/$(cat "$pid_file")/oom_score_adj"
}

# A port that is open proves little: the server has to name its export.
serving() {
	timeout 5 nbd-client -l "$EOS_LOCAL_ADDRESS" "$port" 2>/dev/null | grep -q "^$EXPORT\$"
}

compute_node() {
	require_addresses
	port=$(port_for "$EOS_LOCAL_ADDRESS")
	device=${EOS_NBD_DEVICE:-/dev/nbd0}
	name=${device#/dev/}

	[ -e "/sys/block/$name" ] || modprobe nbd || fail 69 'no nbd in this kernel'
	until_true 20 test -b "$device" || fail 71 "there is no $device"
	if ! grep -q "^$device " /proc/swaps; then
		attach
		mkswap "$device" >/dev/null || fail 71 "no swap area could be made on $device"
		swapon "$device" || fail 71 "$device is not swapped on"
	fi
	sysctl -q -w "vm.page-cluster=${EOS_PAGE_CLUSTER:-0}" || fail 71 'vm.page-cluster could not be set'
	keep_pages_free
	leave_budget
	printf '{"role":"compute-node","device":"%s","server":"%s:%s","bytes":%s,"page_cluster":%s,"min_free_kbytes":%s}\n' \
		"$device" "$EOS_REMOTE_MACHINE" "$port" "$(swap_bytes "$device")" \
		"$(cat /proc/sys/vm/page-cluster)" "$(cat /proc/sys/vm/min_free_kbytes)"
}

# Connects the device. -nonetlink: 2.6.38 has ioctls only. -swap: the client's memory is locked and the OOM killer
# passes it by. It goes to the background with its output open, which is therefore no pipe that somebody reads.
attach() {
	[ -e "/sys/block/$name/pid" ] && nbd-client -nonetlink -d "$device" >/dev/null 2>&1
	mkdir -p "$PLACE"
	log=$PLACE/$name.log
	nbd-client -nonetlink -swap -b 4096 -N "$EXPORT" "$EOS_REMOTE_MACHINE" "$port" "$device" >"$log" 2>&1 ||
		fail 71 "nbd-client: $(tail -n 1 "$log")"
	until_true 50 has_size || fail 71 "$device has no size: $(tail -n 1 "$log")"
}

has_size() {
	[ "$(cat "/sys/block/$name/size")" -gt 0 ]
}

swap_bytes() {
	awk -v device="$1" '$1 == device { print $3 * 1024 }' /proc/swaps
}

stop() {
	swaps=$(awk '$1 ~ "^/dev/nbd" { print $1 }' /proc/swaps)
	for swap in $swaps; do
		swapoff "$swap" || fail 71 "$swap is still in use"
		nbd-client -nonetlink -d "$swap" >/dev/null || fail 71 "$swap could not be disconnected"
	done
	for pid_file in "$PLACE"/*/pid; do
		[ -e "$pid_file" ] || continue
		export_place=${pid_file%/pid}
		if alive "$pid_file"; then
			kill "$(cat "$pid_file")"
			until_true 50 dead "$pid_file" || fail 71 "the nbd-server of $export_place does not end"
		fi
		umount "$export_place/ram" || fail 71 "$export_place/ram is still in use"
		rm -rf "$export_place"
	done
}

dead() {
	! alive "$1"
}

# memory-node or compute-node; nothing where no testbed has booted this machine.
role_here() {
	sed -n "s/^NODE_ROLE='\(.*\)'\$/\1-node/p" /etc/testbed/identity 2>/dev/null
}

what=${1:-$(role_here)}
[ $# -le 1 ] || what=''
case $what in
memory-node) memory_node ;;
compute-node) compute_node ;;
stop) stop ;;
*) fail 64 'usage: nbd-setup.sh [memory-node | compute-node | stop]' ;;
esac
