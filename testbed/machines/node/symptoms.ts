// SPDX-License-Identifier: MIT
import type { Death } from './death.js';

/** What one line of a console says about the health of the kernel. */
export type Symptom =
  | { readonly kind: 'death'; readonly death: Death }
  | { readonly kind: 'oom-kill'; readonly process: string; readonly pid: number }
  /** A network block device, such as nbd0, no longer reaches its server. */
  | { readonly kind: 'disk-loss'; readonly disk: string };

type Cause = Exclude<Death['kind'], 'qemu-exit' | 'stopped'>;

/**
 * First words of the reports of Linux 2.6.38.8 and 6.1 (kernel/panic.c, arch/x86/mm/fault.c and kernel/dumpstack.c,
 * kernel/lockdep.c, hung_task.c, watchdog.c, rcu, mm/kasan, kmemleak.c, slab.c, slub.c). The first that fits
 * counts, so the particular comes before the general. A plain WARN is not among them, since panic_on_warn makes a panic of
 * it.
 */
const REPORTS: readonly (readonly [Cause, RegExp])[] = [
  // guests/init/init prints this and powers the guest off.
  ['init-failure', /^testbed: failed /],
  ['panic', /^Kernel panic - not syncing/],
  ['panic', /^PANIC: /],
  ['kasan', /^BUG: (KASAN|KFENCE): /],
  ['kasan', /^UBSAN: /],
  ['soft-lockup', /^(watchdog: )?BUG: soft lockup/],
  ['soft-lockup', /^(NMI watchdog: )?Watchdog detected hard LOCKUP/],
  ['hung-task', /^INFO: task .+ blocked for more than \d+ seconds/],
  ['rcu-stall', /^(rcu: )?INFO: \S+ (self-)?detected stalls?\b/],
  ['lockdep', /^\[ (INFO|BUG): .+ \]$/],
  [
    'lockdep',
    /^WARNING: (possible (circular|recursive|irq) lock|inconsistent lock state|suspicious RCU usage)/,
  ],
  ['lockdep', /^WARNING: \S+-safe -> \S+-unsafe lock order detected/],
  [
    'lockdep',
    /^WARNING: (bad (unlock balance|contention) detected|chain_key collision|Nested lock was not taken)/,
  ],
  [
    'lockdep',
    /^WARNING: (held lock freed!|.+ still has locks held!|lock held when returning to user space!)/,
  ],
  ['lockdep', /^BUG: (MAX_LOCK\w+|MAX_STACK_TRACE_ENTRIES) too low!/],
  ['lockdep', /^INFO: trying to register non-static key/],
  ['kmemleak', /^kmemleak: \d+ new suspected memory leaks/],
  ['oops', /^BUG: unable to handle /],
  ['oops', /^BUG: kernel NULL pointer dereference/],
  ['bug', /^kernel BUG at /],
  // die() prints what happened, the error code in hexadecimal, and a count since boot.
  ['oops', /: [0-9a-f]{4} \[#\d+\]/],
  ['bug', /^BUG: /],
  ['bug', /^BUG \S+ \(.+\): /],
  ['bug', /^(Slab corruption|slab error in )/],
];

/** 2.6.38: `Killed process 7 (a.out) total-vm:...`. 6.1 prints the same after `Out of memory: `. */
const OOM_KILL = /(?:^|: )Killed process (\d+) \((.*)\) total-vm:/;

/** What drivers/block/nbd.c of both lines says when its connection has broken. 6.1 puts `block ` before the device. */
const DISK_LOSS =
  /^(?:block )?(nbd\d+): (?:(?:Receive|Send) (?:control|data) failed|Connection timed out|Dead connection|Attempted send on (?:closed|invalid) socket)/;

/** printk's time and, with CONFIG_PRINTK_CALLER, the caller. User space may have begun the line. */
const PRINTK_TIME = /\[ *\d+\.\d{6}\](?:\[ *[TC]\d+\])? ?/;

export function diagnose(line: string): Symptom | undefined {
  const message = kernelMessage(line);
  const oom = OOM_KILL.exec(message);
  if (oom !== null) return { kind: 'oom-kill', pid: Number(oom[1]), process: oom[2] ?? '' };
  const [, disk] = DISK_LOSS.exec(message) ?? [];
  if (disk !== undefined) return { kind: 'disk-loss', disk };
  const report = REPORTS.find(([, pattern]) => pattern.test(message));
  if (report === undefined) return undefined;
  return { kind: 'death', death: { kind: report[0], line: message } };
}

/** The line without printk's time, and without what is before it. */
function kernelMessage(line: string): string {
  const time = PRINTK_TIME.exec(line);
  return (time === null ? line : line.slice(time.index + time[0].length)).trimEnd();
}
