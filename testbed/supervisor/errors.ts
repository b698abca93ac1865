// SPDX-License-Identifier: MIT
import { ExitCode } from '../base/error/exit-code.js';
import { TestbedError, type ErrorDetail } from '../base/error/testbed-error.js';

export class NotRunningError extends TestbedError {
  readonly code = 'E_NOT_RUNNING';
  readonly exitCode = ExitCode.NotRunning;

  constructor(name: string, what = 'is not up') {
    super(`testbed ${name} ${what}`, {
      nextStep: name === 'default' ? 'npx testbed up' : `npx testbed up --name ${name}`,
    });
  }
}

/** Whether an error says that the testbed is not up, or is on its way down; also when its supervisor has said so. */
export function meansNotRunning(thrown: unknown): boolean {
  return thrown instanceof TestbedError && thrown.exitCode === ExitCode.NotRunning;
}

export class UnknownNodeError extends TestbedError {
  readonly code = 'E_UNKNOWN_NODE';
  readonly exitCode = ExitCode.Usage;

  constructor(name: string, nodes: readonly string[]) {
    super(`there is no node ${name}`, { nextStep: `Its nodes are: ${nodes.join(', ')}.` });
  }
}

/** The supervisor is busy, and can do only one such thing at a time. */
export class SupervisorBusyError extends TestbedError {
  readonly code = 'E_SUPERVISOR_BUSY';
  readonly exitCode = ExitCode.Busy;

  constructor(doing: string) {
    super(`this testbed is busy: ${doing}`, { nextStep: 'Wait for it, or end it with `npx testbed down`.' });
  }
}

/** The supervisor could not be started, or went away in the middle of a request. */
export class SupervisorLostError extends TestbedError {
  readonly code = 'E_SUPERVISOR_LOST';
  readonly exitCode = ExitCode.Internal;

  constructor(what: string, detail: Partial<ErrorDetail> = {}) {
    super(`the testbed's supervisor ${what}`, {
      nextStep: 'Its log says why; `npx testbed down` clears what is left.',
      ...detail,
    });
  }
}

/** A node was asked for before the testbed was up. */
export class NotUpYetError extends TestbedError {
  readonly code = 'E_NOT_UP_YET';
  readonly exitCode = ExitCode.NotRunning;

  constructor(state: string) {
    super(`this testbed has no nodes to ask: it is ${state}`, {
      nextStep: '`npx testbed status` shows when it is up.',
    });
  }
}
