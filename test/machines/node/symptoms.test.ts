// SPDX-License-Identifier: MIT
import test from 'ava';
import type { Death } from '../../../testbed/machines/node/death.js';
import { diagnose } from '../../../testbed/machines/node/symptoms.js';

/** First lines of reports, as the consoles of the two kernel lines have them. */
const REPORTS: readonly (readonly [line: string, kernel: string, kind: Death['kind']])[] = [
  [
    '[    1.495032] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
    '6.1',
    'panic',
  ],
  ['[    2.104411] Kernel panic - not syncing: Attempted to kill init!', '2.6.38', 'panic'],
  ['Kernel panic - not syncing: Fatal exception in interrupt', '2.6.38', 'panic'],
  ['[   12.345678] PANIC: double fault, error_code: 0x0', '6.1', 'panic'],
  [
    '[   17.020131] BUG: unable to handle kernel NULL pointer dereference at 0000000000000008',
    '2.6.38',
    'oops',
  ],
  ['[   17.020131] BUG: unable to handle kernel paging request at ffffc90000a1d000', '2.6.38', 'oops'],
  ['[    3.181502] BUG: kernel NULL pointer dereference, address: 0000000000000000', '6.1', 'oops'],
  ['[    3.181502] BUG: unable to handle page fault for address: ffffc900001c7000', '6.1', 'oops'],
  ['[    3.181999] Oops: 0002 [#1] PREEMPT SMP NOPTI', '6.1', 'oops'],
  ['[    3.181999] Oops: 0002 [#1] SMP ', '2.6.38', 'oops'],
  ['[    7.000001] general protection fault: 0000 [#1] SMP ', '2.6.38', 'oops'],
  [
    '[    7.000001] general protection fault, probably for non-canonical address 0xdead000000000122: 0000 [#1] SMP',
    '6.1',
    'oops',
  ],
  ['[    7.000001] invalid opcode: 0000 [#1] SMP ', '2.6.38', 'oops'],
  ['[    5.440012] kernel BUG at mm/rmap.c:1021!', '2.6.38', 'bug'],
  ['[    5.440012] BUG: Bad page map in process a.out  pte:80000000 pmd:0a1b2067', '2.6.38', 'bug'],
  ['[    5.440012] BUG: scheduling while atomic: a.out/71/0x00000002', '2.6.38', 'bug'],
  ['[    5.440012] BUG: sleeping function called from invalid context at mm/slub.c:795', '2.6.38', 'bug'],
  ['[    5.440012] BUG: spinlock bad magic on CPU#0, insmod/61', '6.1', 'bug'],
  ['[    5.440012] BUG kmalloc-64 (Tainted: G           O     ): Poison overwritten', '6.1', 'bug'],
  ['[    5.440012] Slab corruption: size-64 start=ffff88000f0d1000, len=64', '2.6.38', 'bug'],
  [
    "[    5.440012] slab error in verify_redzone_free(): cache `size-32': double free detected",
    '2.6.38',
    'bug',
  ],
  ['[   21.000000] [ INFO: possible circular locking dependency detected ]', '2.6.38', 'lockdep'],
  ['[   21.000000] [ INFO: possible recursive locking detected ]', '2.6.38', 'lockdep'],
  ['[   21.000000] [ INFO: inconsistent lock state ]', '2.6.38', 'lockdep'],
  ['[   21.000000] [ INFO: suspicious rcu_dereference_check() usage. ]', '2.6.38', 'lockdep'],
  ['[   21.000000] [ INFO: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected ]', '2.6.38', 'lockdep'],
  ['[   21.000000] [ BUG: bad unlock balance detected! ]', '2.6.38', 'lockdep'],
  ['[   21.000000] [ BUG: Invalid wait context ]', '6.1', 'lockdep'],
  ['[   21.000000] WARNING: possible circular locking dependency detected', '6.1', 'lockdep'],
  ['[   21.000000] WARNING: possible recursive locking detected', '6.1', 'lockdep'],
  ['[   21.000000] WARNING: possible irq lock inversion dependency detected', '6.1', 'lockdep'],
  ['[   21.000000] WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected', '6.1', 'lockdep'],
  ['[   21.000000] WARNING: inconsistent lock state', '6.1', 'lockdep'],
  ['[   21.000000] WARNING: suspicious RCU usage', '6.1', 'lockdep'],
  ['[   21.000000] WARNING: bad unlock balance detected!', '6.1', 'lockdep'],
  ['[   21.000000] WARNING: held lock freed!', '6.1', 'lockdep'],
  ['[   21.000000] WARNING: insmod/61 still has locks held!', '6.1', 'lockdep'],
  ['[   21.000000] WARNING: lock held when returning to user space!', '6.1', 'lockdep'],
  ['[   21.000000] BUG: MAX_LOCKDEP_CHAINS too low!', '2.6.38', 'lockdep'],
  ['[   21.000000] INFO: trying to register non-static key.', '2.6.38', 'lockdep'],
  ['[  360.000000] INFO: task kworker/0:1:12 blocked for more than 120 seconds.', '2.6.38', 'hung-task'],
  ['[  360.000000] INFO: task nbd client:71 blocked for more than 241 seconds.', '6.1', 'hung-task'],
  ['[   88.000000] BUG: soft lockup - CPU#0 stuck for 61s! [a.out:71]', '2.6.38', 'soft-lockup'],
  ['[   88.000000] watchdog: BUG: soft lockup - CPU#0 stuck for 61s! [a.out:71]', '6.1', 'soft-lockup'],
  ['[   88.000000] NMI watchdog: Watchdog detected hard LOCKUP on cpu 0', '6.1', 'soft-lockup'],
  ['[   88.000000] INFO: rcu_sched_state detected stall on CPU 0 (t=15000 jiffies)', '2.6.38', 'rcu-stall'],
  [
    '[   88.000000] INFO: rcu_bh_state detected stalls on CPUs/tasks: { 1} (detected by 0, t=15002 jiffies)',
    '2.6.38',
    'rcu-stall',
  ],
  ['[   88.000000] rcu: INFO: rcu_sched self-detected stall on CPU', '6.1', 'rcu-stall'],
  ['[   88.000000] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:', '6.1', 'rcu-stall'],
  ['[    6.000000] BUG: KASAN: use-after-free in eos_pull+0x1f/0x90 [eos]', '6.1', 'kasan'],
  ['[    6.000000] BUG: KFENCE: out-of-bounds read in eos_pull+0x1f/0x90', '6.1', 'kasan'],
  ['[    6.000000] UBSAN: array-index-out-of-bounds in mm/eos.c:12:3', '6.1', 'kasan'],
  [
    '[   70.000000] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)',
    '6.1',
    'kmemleak',
  ],
  ['[    4.000000] testbed: failed node1: no network on eth0', 'both', 'init-failure'],
];

for (const [line, kernel, kind] of REPORTS) {
  test(`${kernel}: ${line}`, (t) => {
    const symptom = diagnose(line);
    t.like(symptom, { kind: 'death', death: { kind } });
  });
}

test('the death is told without the time', (t) => {
  t.deepEqual(diagnose('[    5.440012] kernel BUG at mm/rmap.c:1021!'), {
    kind: 'death',
    death: { kind: 'bug', line: 'kernel BUG at mm/rmap.c:1021!' },
  });
});

test('a report that begins in the middle of what user space was writing is seen', (t) => {
  t.like(diagnose('filling 12 MB... [   17.020131] BUG: unable to handle kernel paging request at 00f'), {
    death: { kind: 'oops', line: 'BUG: unable to handle kernel paging request at 00f' },
  });
});

test('a report with the caller behind the time is seen', (t) => {
  t.like(diagnose('[   17.020131][  T71] BUG: KASAN: use-after-free in f+0x1/0x2'), {
    death: { kind: 'kasan' },
  });
});

const OOM_KILLS: readonly (readonly [string, string, number])[] = [
  [
    '[   31.000000] Killed process 71 (linear) total-vm:524960kB, anon-rss:201112kB, file-rss:20kB',
    'linear',
    71,
  ],
  [
    '[   31.000000] Out of memory: Killed process 71 (linear) total-vm:524960kB, anon-rss:201112kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1068kB oom_score_adj:0',
    'linear',
    71,
  ],
  [
    '[   31.000000] Out of memory: Killed process 9 (a (b) c) total-vm:1kB, anon-rss:1kB, file-rss:0kB',
    'a (b) c',
    9,
  ],
  [
    '[   31.000000] Memory cgroup out of memory: Killed process 71 (linear) total-vm:1kB, anon-rss:1kB, file-rss:0kB',
    'linear',
    71,
  ],
];

for (const [line, process, pid] of OOM_KILLS) {
  test(`the OOM killer's victim: ${line.slice(16, 70)}`, (t) => {
    t.deepEqual(diagnose(line), { kind: 'oom-kill', process, pid });
  });
}

for (const line of [
  '[   44.000000] nbd0: Receive control failed (result -32)',
  '[   44.000000] nbd0: Attempted send on closed socket',
  '[   44.000000] block nbd0: Receive control failed (result -32)',
  '[   74.000000] block nbd0: Connection timed out',
]) {
  test(`a network block device without its server: ${line.slice(16)}`, (t) => {
    t.deepEqual(diagnose(line), { kind: 'disk-loss', disk: 'nbd0' });
  });
}

const HEALTHY: readonly string[] = [
  '[   44.000000] nbd0: NBD_DISCONNECT',
  '',
  '[    0.000000] Linux version 2.6.38.8 (testbed@testbed) (gcc version 12.2.0) #1 SMP',
  '[    0.512000] testbed: ready node1',
  '[    0.300000] Kernel command line: console=ttyS0,115200 panic=1 oops=panic printk.time=1',
  // 2.6.38 announces a victim before it kills, with another line; it must not be counted twice.
  '[   31.000000] Out of memory: Kill process 71 (linear) score 901 or sacrifice child',
  '[   31.000000] linear invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0, oom_score_adj=0',
  // User space that dies is its own affair.
  '[   40.000000] a.out[71] general protection ip:400b12 sp:7fff00000000 error:0 in a.out[400000+a000]',
  '[   40.000000] a.out[71]: segfault at 8 ip 0000000000400b12 sp 00007fff00000000 error 4 in a.out[400000+a000]',
  '[   40.000000] WARNING: CPU: 0 PID: 1 at kernel/softirq.c:362 __local_bh_enable_ip+0x6a/0x90',
  '[    0.100000] Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar',
  '[    0.200000] rcu: Hierarchical RCU implementation.',
  'this program prints: kernel BUG at heart, and Oops: it goes on',
  '[    0.100000] kmemleak: Kernel memory leak detector initialized (mem pool available: 15725)',
];

for (const line of HEALTHY) {
  test(`no symptom: ${line === '' ? '(an empty line)' : line}`, (t) => {
    t.is(diagnose(line), undefined);
  });
}
