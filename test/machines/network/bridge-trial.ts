// SPDX-License-Identifier: MIT
// Run by bridge.test.ts in a namespace of its own: makes a real network, looks at it, and prints what it saw.
import { systemClock } from '../../../testbed/base/clock/clock.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import { createBridgeNetwork } from '../../../testbed/machines/network/bridge-network.js';
import { SBIN_PATH } from '../../../testbed/machines/network/iproute.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';

export interface BridgeTrial {
  readonly devices: readonly string[];
  readonly rates: readonly { readonly dev: string; readonly bytesPerSecond: number }[];
  readonly members: readonly string[];
  readonly membersWhileCut: readonly string[];
  readonly counters: { readonly sentBytes: number; readonly receivedBytes: number };
  readonly second: string;
  readonly devicesAfter: readonly string[];
  readonly thirdKind: string;
  readonly delay: string;
}

const context: Context = {
  paths: systemPaths(),
  processes: systemProcesses,
  clock: systemClock,
  events: () => undefined,
  signal: new AbortController().signal,
  offline: true,
};

async function show<T>(argv: readonly [string, ...string[]]): Promise<readonly T[]> {
  const { stdout } = await systemProcesses.succeed(argv, { env: { PATH: SBIN_PATH } });
  return JSON.parse(stdout) as readonly T[];
}

interface Device {
  readonly ifname: string;
  readonly master?: string;
}

interface Qdisc {
  readonly kind: string;
  readonly dev: string;
  readonly options: { readonly rate?: number };
}

const devices = async (): Promise<readonly Device[]> => show<Device>(['ip', '-j', 'link', 'show']);
const names = async (): Promise<readonly string[]> => (await devices()).map(({ ifname }) => ifname);
const members = async (): Promise<readonly string[]> =>
  (await devices()).filter(({ master }) => master === 'cluster').map(({ ifname }) => ifname);

const link = { bandwidth: 1e8, delayUs: 0 };
const network = await createBridgeNetwork(context, { nodes: 2, link });
const qdiscs = await show<Qdisc>(['tc', '-j', 'qdisc', 'show']);
const before = { devices: await names(), members: await members(), counters: await network.counters(1) };
await network.setConnected(2, false);
const membersWhileCut = await members();
await network.setConnected(2, true);
const second = await createBridgeNetwork(context, { nodes: 1, link }).then(
  () => 'made',
  (thrown: unknown) => (thrown as { code?: string }).code ?? String(thrown),
);
await network[Symbol.asyncDispose]();
const devicesAfter = await names();
const third = await createBridgeNetwork(context, { nodes: 1, link: { bandwidth: 1e9, delayUs: 100 } });

const trial: BridgeTrial = {
  ...before,
  rates: qdiscs.flatMap(({ kind, dev, options }) =>
    kind === 'tbf' ? [{ dev, bytesPerSecond: options.rate ?? 0 }] : [],
  ),
  membersWhileCut,
  second,
  devicesAfter,
  thirdKind: third.kind,
  delay: third.delay,
};
await third[Symbol.asyncDispose]();
process.stdout.write(JSON.stringify(trial));
