// SPDX-License-Identifier: MIT
import type { Testbed } from '../../api/testbed.js';
import { AlreadyUpError } from '../../api/up/errors.js';
import { machinesAndBuild, type Machines, MAX_NODES } from '../../api/up/resolve-machines.js';
import type { RunningTestbed } from '../../api/up/running-testbed.js';
import type { UpRequest } from '../../api/up/up-request.js';
import { ExitCode } from '../../base/error/exit-code.js';
import type { TestbedStatus } from '../../supervisor/protocol.js';
import { buildFlags } from '../command/build-flags.js';
import type { CommandBody, Invocation } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { oneOf } from '../command/one-of.js';
import { quantity } from '../command/quantity-flag.js';
import { UsageError } from '../command/errors.js';
import { parseBytes } from '../../experiment/scenario/quantity.js';
import { type SetUp, SET_UPS } from '../../experiment/scenario/set-up.js';
import { wholeNumber } from '../command/whole-number.js';
import { BUILD_BRANCHES } from '../view/build-branches.js';
import type { Branch } from '../view/tree.js';
import { withView } from '../view/with-view.js';
import { statusLines } from './status.js';

export const UP_BRANCHES: readonly Branch[] = [
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
  const { machines } = await machinesAndBuild(context, request);
  const begun = (await testbed.isUp())
    ? undefined
    : await withView(session, UP_BRANCHES, async () => broughtUp(testbed, request));
  const status = await (begun ?? testbed).status();
  if (output.json) output.object(status);
  else {
    const more = begun === undefined ? already(status, request, machines) : next(status);
    for (const line of [...statusLines(status), ...more]) output.line(line);
  }
  return begun === undefined && isOther(status, request, machines) ? ExitCode.Busy : ExitCode.Ok;
};

/** The testbed, which stays up when this command ends. Undefined when another command has brought it up meanwhile. */
export async function broughtUp(testbed: Testbed, request: UpRequest): Promise<RunningTestbed | undefined> {
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
  const setUp = setUpOf(invocation);
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
    ...(setUp === undefined ? {} : { with: setUp }),
  };
}

function setUpOf(invocation: Invocation): SetUp | undefined {
  const setUp = oneOf(invocation, 'with', SET_UPS);
  if (!invocation.flag('no-flow')) return setUp;
  if (setUp === undefined || setUp === 'none') return 'none';
  throw new UsageError(`--no-flow is --with none, not --with ${setUp}`, 'Leave one of them out.');
}

function already(status: TestbedStatus, request: UpRequest, machines: Machines): readonly string[] {
  if (hasOtherShape(status, request, machines))
    return [
      '',
      'It is up already, in another shape than asked for; nothing was changed. npx testbed down, then up again.',
    ];
  const missing = missingFlows(status, request, machines);
  if (missing.length === 0) return ['', 'It is up already; nothing was changed.'];
  const flag = nameFlag(status);
  return [
    '',
    'It is up already, without all that was asked for; nothing was changed. To set it up:',
    ...missing.map((flow) => `  npx testbed flow ${flow}${flag}`),
  ];
}

/** Whether what is up differs from what the command line says. What it does not say is no wish. */
function isOther(status: TestbedStatus, request: UpRequest, machines: Machines): boolean {
  return hasOtherShape(status, request, machines) || missingFlows(status, request, machines).length > 0;
}

function hasOtherShape(status: TestbedStatus, request: UpRequest, { shape }: Machines): boolean {
  const explicit = SHAPE.some((what) => request[what] !== undefined);
  return explicit && JSON.stringify(status.shape) !== JSON.stringify(shape);
}

/** Flows that the command line asks for, and that have not been run. */
function missingFlows({ flows }: TestbedStatus, request: UpRequest, machines: Machines): readonly string[] {
  return request.with === undefined ? [] : machines.flows.filter((flow) => !flows.includes(flow));
}

/** The lines that show most come first. */
function next(status: TestbedStatus): readonly string[] {
  const flag = nameFlag(status);
  const first = status.nodes[0]?.name ?? 'node1';
  const exec = `  npx testbed exec ${first}${flag} -- `;
  const search = 'linear-search --bytes 64M --seed 1';
  const lines = status.flows.includes('setup-src')
    ? [`${exec}elastic run --budget 32M -- ${search}`, `${exec}${search}`]
    : [`${exec}${search}`];
  return ['', 'next:', ...lines, `  npx testbed ssh ${first}${flag}`, `  npx testbed down${flag}`];
}

/** What names a testbed on the command lines that are shown. */
export function nameFlag({ name }: Pick<TestbedStatus, 'name'>): string {
  return name === 'default' ? '' : ` --name ${name}`;
}
