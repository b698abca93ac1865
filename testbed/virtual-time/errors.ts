// SPDX-License-Identifier: MIT
import { ExitCode } from '../base/error/exit-code.js';
import { TestbedError, type ErrorDetail } from '../base/error/testbed-error.js';

/** The operator's output does not have the form that guests/operator.sh gives it. */
export class TranscriptError extends TestbedError {
  readonly code = 'E_TRANSCRIPT';
  readonly exitCode = ExitCode.Internal;

  constructor(line: string) {
    super(`the operator said something that is not in its format: ${JSON.stringify(line.slice(0, 80))}`, {
      nextStep: "The transcript is in the run's folder; guests/operator.sh describes its format.",
    });
  }
}

/** The coordinator of the guests' clocks ended, or did not start. */
export class CoordinatorLostError extends TestbedError {
  readonly code = 'E_COORDINATOR_LOST';
  readonly exitCode = ExitCode.Internal;

  constructor(excerpt: readonly string[]) {
    super("the coordinator of the guests' clocks has ended", {
      nextStep: 'The lines above are its last.',
      excerpt,
    });
  }
}

/** A guest's QEMU does not reach the end of the time that it was granted. */
export class GuestStuckError extends TestbedError {
  readonly code = 'E_GUEST_STUCK';
  readonly exitCode = ExitCode.GuestDied;

  constructor(nodes: readonly string[], atNs: number, seconds: number, detail: Partial<ErrorDetail>) {
    super(
      `virtual time stands still at ${(atNs / 1e9).toFixed(9)} s: QEMU of ${nodes.join(', ')} has not moved for ${seconds} s`,
      { nextStep: 'On a very busy machine TESTBED_PATIENCE=2 doubles every deadline.', ...detail },
    );
  }
}

/** A step was to run on a node that had crashed, as the scenario plans. */
export class PlannedCrashError extends TestbedError {
  readonly code = 'E_PLANNED_CRASH';
  readonly exitCode = ExitCode.GuestDied;

  constructor(node: string, atNs: number, argv: readonly string[]) {
    super(`${node} crashed at ${(atNs / 1e9).toFixed(9)} s, as planned, and could not do ${argv[0] ?? ''}`, {
      nextStep: '`virtualTime.faults.crashes` of the scenario says when it is to crash.',
    });
  }
}

/** This QEMU cannot run in virtual time. */
export class QemuUnsuitableError extends TestbedError {
  readonly code = 'E_QEMU_UNSUITABLE';
  readonly exitCode = ExitCode.Host;

  constructor(why: string) {
    super(`this QEMU cannot run in virtual time: ${why}`, {
      nextStep:
        "Debian's qemu-system-x86 7.2 or 10.0 would do; `--qemu bookworm-backports` fetches the latter. Wall time (`--time wall`) works with every QEMU from 7.2 on.",
    });
  }
}

/** A request would have reached guests in virtual time from the host, and the run could not be repeated. */
export class HostInputError extends TestbedError {
  readonly code = 'E_HOST_INPUT';
  readonly exitCode = ExitCode.Usage;

  constructor(what: string) {
    super(`${what} would reach guests in virtual time from the host, and no run could be repeated then`, {
      nextStep:
        'Put it into a flow or a workload; `npx testbed run SCENARIO --time wall` or `up` lets you do it by hand.',
    });
  }
}

/** The inputs of a run have changed, so a repetition would show nothing. */
export class DifferentInputsError extends TestbedError {
  readonly code = 'E_DIFFERENT_INPUTS';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(run: string, differences: readonly (readonly [what: string, then: string, now: string])[]) {
    const short = (text: string): string => (/^[0-9a-f]{64}$/.test(text) ? text.slice(0, 12) : text);
    const all = differences.map(([what, then, now]) => `${what} was ${short(then)}, is ${short(now)}`);
    super(`different inputs: run ${run} was made with others than there are now: ${all.join('; ')}`, {
      nextStep: 'Go back to the checkout and the QEMU of that run, or make a new one and verify that.',
    });
  }
}

/** The run has no cell in virtual time. */
export class NothingToVerifyError extends TestbedError {
  readonly code = 'E_NOTHING_TO_VERIFY';
  readonly exitCode = ExitCode.Usage;

  constructor(run: string) {
    super(`run ${run} has no such cell that ran in virtual time`, {
      nextStep:
        'In wall time no two runs are the same; `npx testbed run SCENARIO --time virtual` makes one that is.',
    });
  }
}
