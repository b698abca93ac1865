// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { ExitCode } from '../../base/error/exit-code.js';
import { acquireLock } from '../../base/host/lock.js';
import { DisposalStack } from '../../base/lifecycle/disposal-stack.js';
import { together } from '../../base/lifecycle/together.js';
import { ask } from '../../supervisor/client.js';
import { launchSupervisor } from '../../supervisor/start-supervisor.js';
import type { TestbedStatus } from '../../supervisor/protocol.js';
import { runningSupervisor, type TestbedPlace } from '../../supervisor/registry.js';
import type { CommandBody, Invocation, Session } from '../command/command.js';
import { isolationHere } from '../start/isolation.js';
import { namedPlace } from '../command/named-place.js';
import { makeProducts, PREPARATION_BRANCHES, prepareHost } from '../start/preparation.js';
import { type UpRequest, upRequest } from '../start/up-request.js';
import type { Branch } from '../view/tree.js';
import { withView } from '../view/with-view.js';
import { statusLines } from './status.js';

const BRANCHES: readonly Branch[] = [
  ...PREPARATION_BRANCHES,
  { id: 'network', title: 'Network' },
  { id: 'boot', title: 'Boot' },
  { id: 'flow', title: 'Set-up' },
];

/** `testbed up` */
export const up: CommandBody = async (invocation, session) => {
  const { context, output } = session;
  const place = await namedPlace(invocation, context);
  const wanted = await upRequest(context, invocation);
  // A second `up` waits here for the first, and then finds the testbed up.
  await using _lock = await acquireLock(context, join(context.paths.state, `${place.name}.up.lock`), {
    wait: 'queue',
    purpose: `bringing up testbed ${place.name}`,
  });
  const running = (await runningSupervisor(place)) !== undefined;
  const status = running
    ? ((await ask(place, { verb: 'status' }, { signal: context.signal })) as TestbedStatus)
    : await withView(session, BRANCHES, async () => bringUp(session, invocation, place, wanted));
  if (output.json) output.object(status);
  else
    for (const line of [...statusLines(status), ...(running ? already(status, wanted) : next(status))])
      output.line(line);
  return ExitCode.Ok;
};

async function bringUp(
  { context }: Session,
  invocation: Invocation,
  place: TestbedPlace,
  wanted: UpRequest,
): Promise<TestbedStatus> {
  await prepareHost(context, invocation);
  // Its standard input is the supervisor's tether: it clears away what it has started, and we wait for that.
  await using tethered = new DisposalStack();
  const isolation = await isolationHere(context);
  const [products] = await together(
    context.signal,
    async (signal) => makeProducts({ ...context, signal }, invocation, wanted),
    // It takes as long to start as it takes to see that nothing has to be built.
    async (signal) => tethered.use(await launchSupervisor({ ...context, signal }, place, isolation)),
  );
  const request = { verb: 'up', shape: wanted.shape, products, flows: wanted.flows } as const;
  const status = await ask(place, request, { signal: context.signal, onEvent: context.events });
  tethered.move();
  return status as TestbedStatus;
}

function already(status: TestbedStatus, wanted: UpRequest): readonly string[] {
  const other = wanted.explicit && JSON.stringify(status.shape) !== JSON.stringify(wanted.shape);
  return [
    '',
    other
      ? `It is up already, in another shape than asked for; nothing was changed. npx testbed down, then up again.`
      : 'It is up already; nothing was changed.',
  ];
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
