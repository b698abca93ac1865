#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# disk-swap-setup.sh: a node that swaps on a disk of its own, to compare with. Running it again changes nothing. The last
# line of its output is a JSON object with what was set up. Exit statuses are those of eos-environment.sh.
#
#   EOS_SWAP_DEVICE     the disk; when unset, the first virtio disk that is not mounted
#   EOS_PAGE_CLUSTER    vm.page-cluster; the kernel's own when unset

# shellcheck source=guests/eos-environment.sh
. "${0%/*}/eos-environment.sh"

spare_disk() {
	for disk in /dev/vd?; do
		[ -b "$disk" ] && ! grep -q "^$disk " /proc/mounts && echo "$disk" && return
	done
}

[ $# -eq 0 ] || fail 64 'usage: disk-swap-setup.sh'
device=${EOS_SWAP_DEVICE:-$(spare_disk)}
[ -b "$device" ] || fail 71 "this node has no disk to swap on${device:+: there is no $device}"
if ! grep -q "^$device " /proc/swaps; then
	mkswap "$device" >/dev/null || fail 71 "no swap area could be made on $device"
	swapon "$device" || fail 71 "$device could not be swapped on"
fi
if [ -n "${EOS_PAGE_CLUSTER:-}" ]; then
	sysctl -q -w "vm.page-cluster=$EOS_PAGE_CLUSTER" || fail 71 'vm.page-cluster could not be set'
fi
leave_budget
printf '{"device":"%s","bytes":%s,"page_cluster":%s}\n' "$device" \
	"$(awk -v device="$device" '$1 == device { print $3 * 1024 }' /proc/swaps)" "$(cat /proc/sys/vm/page-cluster)"
