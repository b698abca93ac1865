// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { type ErrorRecord, TestbedError } from '../../base/error/testbed-error.js';

/** The output of a guest's time(1) is not what was asked for. */
export class UsageReportError extends TestbedError {
  readonly code = 'E_USAGE_REPORT';
  readonly exitCode = ExitCode.Internal;

  constructor(output: string) {
    super("the guest's time(1) did not report what a workload used", {
      nextStep: 'Look at the lines above; another busybox in images/ can be the reason.',
      excerpt: output.split('\n').slice(0, 20),
    });
  }
}

/** A node's manager or kernel module did not say what became of an elastic process. */
export class ElasticReportError extends TestbedError {
  readonly code = 'E_ELASTIC_REPORT';
  readonly exitCode = ExitCode.Internal;

  constructor(node: string, output: string) {
    super(`${node} did not report what its part in an elastic process was`, {
      nextStep: 'Look at the lines above, and at /run/elastic/log there.',
      excerpt: output.split('\n').slice(0, 20),
    });
  }
}

/** A cell's set-up flow needs something that the guest's kernel does not have. */
export class FlowUnavailableError extends TestbedError {
  readonly code = 'E_FLOW_UNAVAILABLE';
  readonly exitCode = ExitCode.Build;

  constructor(flow: string, reason: string) {
    super(`flow ${flow} is not available: ${reason}`, {
      nextStep: 'Take another kernel line or system, or add it to the config of this one.',
    });
  }
}

/** The host lacks what every cell needs: the other cells would fail like this one. */
export class HostUnfitError extends TestbedError {
  readonly code = 'E_HOST_UNFIT';
  readonly exitCode = ExitCode.Host;

  constructor(cell: string, { message, nextStep, excerpt }: ErrorRecord) {
    super(`the run was ended at ${cell}: ${message}`, {
      nextStep: `${nextStep} Finished cells are kept; \`npx testbed run --resume latest\` does the rest.`,
      excerpt,
    });
  }
}
