// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError, type ErrorDetail } from '../../base/error/testbed-error.js';

/** Taps were asked for and this host does not let us have any. */
export class NoTunError extends TestbedError {
  readonly code = 'E_NO_TUN';
  readonly exitCode = ExitCode.Host;

  constructor(why: string) {
    super(`/dev/net/tun cannot be used: ${why}`, {
      nextStep:
        '`modprobe tun`, or let this user open /dev/net/tun; where no bridge is asked for, a switch of our own does without.',
    });
  }
}

/** A bridge network was asked for and the host's kernel lacks a part of it. */
export class BridgeUnavailableError extends TestbedError {
  readonly code = 'E_NO_BRIDGE';
  readonly exitCode = ExitCode.Host;

  constructor(missing: readonly string[]) {
    super(`this host cannot have a bridge network: ${missing.join('; ')}`, {
      nextStep:
        'Load what is missing with modprobe; where no bridge is asked for, a switch of our own does without.',
    });
  }
}

/** The current network namespace is not one of the testbed's own: nothing is changed in it. */
export class NotIsolatedError extends TestbedError {
  readonly code = 'E_NOT_ISOLATED';
  readonly exitCode = ExitCode.Internal;

  constructor() {
    super("the network namespace is the host's, or has a network already: it is left alone", {
      nextStep: 'Please report this: a bridge is only ever made in a fresh namespace.',
    });
  }
}

/** The switch process ended, or never began. */
export class SwitchLostError extends TestbedError {
  readonly code = 'E_SWITCH_LOST';
  readonly exitCode = ExitCode.Host;

  constructor(what: string, detail: Partial<ErrorDetail> = {}) {
    super(`the network's switch process ${what}`, {
      nextStep: '`npx testbed down`, then `up` again.',
      ...detail,
    });
  }
}

/** linkprobe in a guest printed something else than what it should. */
export class LinkProbeError extends TestbedError {
  readonly code = 'E_LINK_PROBE';
  readonly exitCode = ExitCode.Remote;

  constructor(what: string, excerpt: readonly string[]) {
    super(`the link could not be measured: ${what}`, {
      nextStep: 'Both guests have to be up and joined; try `/usr/lib/testbed/linkprobe echo` in one by hand.',
      excerpt,
    });
  }
}
