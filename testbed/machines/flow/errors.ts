// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError } from '../../base/error/testbed-error.js';
import type { Role } from './flow.js';

export class UnknownFlowError extends TestbedError {
  readonly code = 'E_FLOW_UNKNOWN';
  readonly exitCode = ExitCode.Usage;

  constructor(name: string, flows: readonly string[]) {
    super(`there is no flow ${name}`, { nextStep: `The flows are: ${flows.join(', ')}.` });
  }
}

export class FlowInvalidError extends TestbedError {
  readonly code = 'E_FLOW_INVALID';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(file: string, problems: readonly string[]) {
    super(`${file} does not describe a flow`, {
      nextStep: 'guests/flows/flow.schema.json says what a flow may contain; editors can check against it.',
      excerpt: problems,
    });
  }
}

/** The cluster lacks a node for one of the flow's roles. */
export class FlowRoleError extends TestbedError {
  readonly code = 'E_FLOW_ROLE';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(flow: string, role: Role) {
    super(`flow ${flow} needs a ${role} node, and this testbed has none`, {
      nextStep: 'Bring a testbed up with two nodes: `npx testbed up --nodes 2`.',
    });
  }
}

/** A step's script failed, or ended before its evidence was seen. */
export class FlowStepError extends TestbedError {
  readonly code = 'E_FLOW_STEP';
  readonly exitCode = ExitCode.Remote;
  readonly step: string;

  constructor(where: { flow: string; step: string; node: string }, how: string, output: readonly string[]) {
    const { flow, step, node } = where;
    super(`step ${step} of flow ${flow} ${how} on ${node}`, {
      nextStep: `The lines above are its last. \`npx testbed ssh ${node}\` opens a shell there.`,
      excerpt: output,
    });
    this.step = step;
  }
}
