// SPDX-License-Identifier: MIT

/** Why a guest can no longer be used. */
export interface Death {
  readonly kind:
    | 'panic'
    | 'oops'
    | 'bug'
    | 'lockdep'
    | 'hung-task'
    | 'soft-lockup'
    | 'rcu-stall'
    | 'kasan'
    | 'kmemleak'
    /** The guest's own init failed and has said why. */
    | 'init-failure'
    /** QEMU ended, or the guest powered off or reset. */
    | 'qemu-exit'
    /** The testbed itself has ended it. */
    | 'stopped';
  /** The first line of the kernel's report, without its time, or a sentence about QEMU's end. */
  readonly line: string;
}
