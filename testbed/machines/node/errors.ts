// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError, type ErrorDetail } from '../../base/error/testbed-error.js';
import type { Death } from './death.js';

export class QemuTooOldError extends TestbedError {
  readonly code = 'E_QEMU_TOO_OLD';
  readonly exitCode = ExitCode.Host;

  constructor(found: string, needed: string) {
    super(`QEMU ${found} is too old: ${needed} or later is needed`, {
      nextStep: 'Debian 12 has 7.2; install qemu-system-x86 from there or from backports.',
    });
  }
}

export class QemuMissingError extends TestbedError {
  readonly code = 'E_QEMU_MISSING';
  readonly exitCode = ExitCode.Host;

  constructor(cause: unknown) {
    super('qemu-system-x86_64 is not installed or does not run', {
      nextStep: 'sudo apt-get install -y --no-install-recommends qemu-system-x86',
      cause,
    });
  }
}

/** A guest died before its init said that it was ready. */
export class BootError extends TestbedError {
  readonly code = 'E_BOOT';
  readonly exitCode = ExitCode.Boot;
  readonly death: Death;

  constructor(node: string, death: Death, detail: Pick<ErrorDetail, 'log' | 'excerpt'>) {
    super(`${node} did not boot: ${describeDeath(death)}`, {
      nextStep: 'The lines above are the last of its console; the log has all of them.',
      ...detail,
    });
    this.death = death;
  }
}

/** A guest that had booted can no longer be used: its kernel has reported a fault, or its QEMU has ended. */
export class GuestDiedError extends TestbedError {
  readonly code = 'E_GUEST_DIED';
  readonly exitCode = ExitCode.GuestDied;
  readonly death: Death;

  constructor(node: string, death: Death, detail: Pick<ErrorDetail, 'log' | 'excerpt'>) {
    super(`${node} died: ${describeDeath(death)}`, {
      nextStep: `\`npx testbed reboot ${node}\` starts it again; the console's log is kept.`,
      ...detail,
    });
    this.death = death;
  }
}

function describeDeath({ kind, line }: Death): string {
  return kind === 'qemu-exit' || kind === 'stopped' ? line : `${kind.replace('-', ' ')} (${line})`;
}

/** QEMU has refused a QMP command. */
export class QmpError extends TestbedError {
  readonly code = 'E_QMP';
  readonly exitCode = ExitCode.Internal;
  /** QEMU's own class of the error, such as `GenericError` or `CommandNotFound`. */
  readonly errorClass: string;

  constructor(command: string, errorClass: string, description: string) {
    super(`QEMU refused ${command}: ${description}`, {
      nextStep: "The guest itself is not affected; QEMU's manual describes the command.",
    });
    this.errorClass = errorClass;
  }
}

/** The QMP connection has ended, or carried something that is not QMP. */
export class QmpClosedError extends TestbedError {
  readonly code = 'E_QMP_CLOSED';
  readonly exitCode = ExitCode.GuestDied;

  constructor(why: string) {
    super(`the connection to QEMU's monitor is closed: ${why}`, {
      nextStep: "The node's console log says how it ended.",
    });
  }
}
