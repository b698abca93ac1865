// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError, type ErrorDetail } from '../../base/error/testbed-error.js';

/** Taps were asked for, but this host does not allow any. */
export class NoTunError extends TestbedError {
  readonly code = 'E_NO_TUN';
  readonly exitCode = ExitCode.Host;

  constructor(why: string) {
    super(`/dev/net/tun cannot be used: ${why}`, {
      nextStep:
        '`modprobe tun`, or let this user open /dev/net/tun. Without a bridge, the testbed uses a switch, which needs no tun.',
    });
  }
}

/** A bridge network was asked for, but the host's kernel lacks a part of it. */
export class BridgeUnavailableError extends TestbedError {
  readonly code = 'E_NO_BRIDGE';
  readonly exitCode = ExitCode.Host;

  constructor(missing: readonly string[]) {
    super(`this host cannot have a bridge network: ${missing.join('; ')}`, {
      nextStep:
        'Load what is missing with modprobe. Without a bridge, the testbed uses a switch, which needs none of it.',
    });
  }
}

/** The current network namespace is not one of the testbed's own: nothing is changed in it. */
export class NotIsolatedError extends TestbedError {
  readonly code = 'E_NOT_ISOLATED';
  readonly exitCode = ExitCode.Internal;

  constructor() {
    super("the network namespace is the host's, or already has a network: it is left alone", {
      nextStep: 'Please report this. A bridge should only be made in a fresh namespace.',
    });
  }
}

/** The switch process ended or did not start. */
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

/** linkprobe in a guest printed something unexpected. */
export class LinkProbeError extends TestbedError {
  readonly code = 'E_LINK_PROBE';
  readonly exitCode = ExitCode.Remote;

  constructor(what: string, excerpt: readonly string[]) {
    super(`the link could not be measured: ${what}`, {
      nextStep:
        'Both guests have to be up and connected. Try `/usr/lib/testbed/linkprobe echo` in one by hand.',
      excerpt,
    });
  }
}
