// SPDX-License-Identifier: MIT
import type { Testbed } from '../../api/testbed.js';
import { AlreadyUpError } from '../../api/up/errors.js';
import { machinesAndBuild, MAX_NODES } from '../../api/up/resolve-machines.js';
import type { RunningTestbed } from '../../api/up/running-testbed.js';
import type { UpRequest } from '../../api/up/up-request.js';
import { ExitCode } from '../../base/error/exit-code.js';
import type { ClusterShape } from '../../machines/cluster/shape.js';
import type { TestbedStatus } from '../../supervisor/protocol.js';
import { buildFlags } from '../command/build-flags.js';
import type { CommandBody, Invocation } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { quantity } from '../command/quantity-flag.js';
import { parseBytes } from '../../experiment/scenario/quantity.js';
import { wholeNumber } from '../command/whole-number.js';
import { BUILD_BRANCHES } from '../view/build-branches.js';
import type { Branch } from '../view/tree.js';
import { withView } from '../view/with-view.js';
import { statusLines } from './status.js';

const BRANCHES: readonly Branch[] = [
  ...BUILD_BRANCHES,
  { id: 'network', title: 'Network' },
  { id: 'boot', title: 'Boot' },
  { id: 'flow', title: 'Set-up' },
];

/** The fields of a request that say which machines are wanted. */
const SHAPE = ['scenario', 'nodes', 'memory', 'cpus', 'kernelArguments'] as const;

/** `testbed up` */
export const up: CommandBody = async (invocation, session) => {
  const { context, output } = session;
  const testbed = namedTestbed(invocation, context);
  const request = requestOf(invocation);
  // Checked first, so that an invalid request is refused whatever is running.
  const { shape } = (await machinesAndBuild(context, request)).machines;
  const begun = (await testbed.isUp())
    ? undefined
    : await withView(session, BRANCHES, async () => broughtUp(testbed, request));
  const status = await (begun ?? testbed).status();
  if (output.json) output.object(status);
  else {
    const more = begun === undefined ? already(status, request, shape) : next(status);
    for (const line of [...statusLines(status), ...more]) output.line(line);
  }
  return begun === undefined && isOther(status, request, shape) ? ExitCode.Busy : ExitCode.Ok;
};

/** The testbed, which stays up when this command ends. Undefined when another command has brought it up meanwhile. */
async function broughtUp(testbed: Testbed, request: UpRequest): Promise<RunningTestbed | undefined> {
  try {
    await using scoped = await testbed.up(request);
    return await scoped.detach();
  } catch (thrown) {
    if (thrown instanceof AlreadyUpError) return undefined;
    throw thrown;
  }
}

/** @throws UsageError, GivenSourceError */
function requestOf(invocation: Invocation): UpRequest {
  const [scenario] = invocation.positionals;
  const nodes = wholeNumber(invocation, 'nodes', MAX_NODES);
  const cpus = wholeNumber(invocation, 'cpus', MAX_NODES);
  const memory = quantity(invocation, 'memory', parseBytes);
  const image = invocation.text('image') ?? (invocation.flag('disk') ? 'disk' : undefined);
  const kernelArguments = invocation.texts('append');
  return {
    ...buildFlags(invocation),
    gdb: invocation.flag('gdb'),
    dumpOnDeath: invocation.flag('dump'),
    ...(scenario === undefined ? {} : { scenario }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(memory === undefined ? {} : { memory }),
    ...(kernelArguments.length === 0 ? {} : { kernelArguments }),
    ...(image === undefined ? {} : { image }),
    ...(invocation.flag('no-flow') ? { flows: [] } : {}),
  };
}

function already(status: TestbedStatus, request: UpRequest, shape: ClusterShape): readonly string[] {
  return [
    '',
    isOther(status, request, shape)
      ? `It is up already, in another shape than asked for; nothing was changed. npx testbed down, then up again.`
      : 'It is up already; nothing was changed.',
  ];
}

/** Whether what is up differs from what the command line says. What it does not say is no wish. */
function isOther(status: TestbedStatus, request: UpRequest, shape: ClusterShape): boolean {
  const explicit = SHAPE.some((what) => request[what] !== undefined);
  return explicit && JSON.stringify(status.shape) !== JSON.stringify(shape);
}

function next({ name, nodes }: TestbedStatus): readonly string[] {
  const flag = name === 'default' ? '' : ` --name ${name}`;
  const first = nodes[0]?.name ?? 'node1';
  return [
    '',
    'next:',
    `  npx testbed ssh ${first}${flag}`,
    `  npx testbed exec ${first}${flag} -- heap-sort --bytes 64M --seed 1`,
    '  npx testbed run scenarios/network-swap.json',
    `  npx testbed down${flag}`,
  ];
}
