// SPDX-License-Identifier: MIT
import test from 'ava';
import { ConfigSymbolError } from '../../../../testbed/products/kernel/line/errors.js';
import {
  fragmentText,
  mergeFragments,
  mismatches,
  parseConfig,
} from '../../../../testbed/products/kernel/compile/fragment.js';

const CONFIG = parseConfig(`#
# Automatically generated file; DO NOT EDIT.
#
CONFIG_SMP=y
CONFIG_BLK_DEV_NBD=m
CONFIG_NR_CPUS=4
CONFIG_PHYSICAL_START=0x1000000
CONFIG_UEVENT_HELPER_PATH=""
# CONFIG_KVM_GUEST is not set
`);

test('symbols that took, of every type, are no mismatch', (t) => {
  const wanted = parseConfig(`
CONFIG_SMP=y
CONFIG_BLK_DEV_NBD=m
CONFIG_NR_CPUS=4
CONFIG_PHYSICAL_START=0x1000000
CONFIG_UEVENT_HELPER_PATH=""
# CONFIG_KVM_GUEST is not set
CONFIG_NOT_MENTIONED=n
# CONFIG_NOT_MENTIONED_EITHER is not set
`);
  t.deepEqual(mismatches(wanted, CONFIG), []);
});

test('each symbol that did not take is listed with what was wanted and what came', (t) => {
  const wanted = parseConfig(`
CONFIG_VIRTIO=y
CONFIG_BLK_DEV_NBD=y
# CONFIG_SMP is not set
CONFIG_NR_CPUS=8
CONFIG_UEVENT_HELPER_PATH="/sbin/hotplug"
`);
  const wrong = mismatches(wanted, CONFIG);
  t.deepEqual(wrong, [
    { symbol: 'CONFIG_VIRTIO', wanted: 'y', got: 'n' },
    { symbol: 'CONFIG_BLK_DEV_NBD', wanted: 'y', got: 'm' },
    { symbol: 'CONFIG_SMP', wanted: 'n', got: 'y' },
    { symbol: 'CONFIG_NR_CPUS', wanted: '8', got: '4' },
    { symbol: 'CONFIG_UEVENT_HELPER_PATH', wanted: '"/sbin/hotplug"', got: '""' },
  ]);
  t.regex(
    new ConfigSymbolError('linux-test', wrong, '.config').message,
    /^5 symbols of linux-test did not take: CONFIG_VIRTIO: wanted y, got n; /,
  );
});

test('of fragments that are laid over each other, the last one counts, and stands last', (t) => {
  const base = parseConfig('# CONFIG_SLUB is not set\nCONFIG_SLOB=y\n');
  const merged = mergeFragments(base, parseConfig('CONFIG_SLUB=y\n'));
  t.is(fragmentText(merged), 'CONFIG_SLOB=y\nCONFIG_SLUB=y\n');
});
