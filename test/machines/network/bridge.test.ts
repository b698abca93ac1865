// SPDX-License-Identifier: MIT
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import { planNetwork, probeNetwork } from '../../../testbed/machines/network/capabilities.js';
import { createBridgeNetwork } from '../../../testbed/machines/network/bridge-network.js';
import type { ArgumentVector } from '../../../testbed/base/process/process-runner.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import type { BridgeTrial } from './bridge-trial.js';

const CONTEXT: Context = {
  paths: systemPaths(),
  processes: systemProcesses,
  clock: systemClock,
  events: () => undefined,
  signal: new AbortController().signal,
  offline: true,
};

const capabilities = await probeNetwork(CONTEXT);
const { kind, reasons } = planNetwork(capabilities);
/** The reason stands in the title, where a reader of the skipped test sees it. */
const [real, why] = kind === 'bridge' ? [test, ''] : [test.skip, ` (this host: ${reasons.join('; ')})`];

const ENTER: ArgumentVector =
  capabilities.isolation === 'user-namespace'
    ? ['unshare', '--user', '--map-root-user', '--net', '--']
    : ['unshare', '--net', '--'];

async function tryBridge(): Promise<BridgeTrial> {
  const program = fileURLToPath(new URL('bridge-trial.js', import.meta.url));
  const { stdout } = await systemProcesses.succeed([...ENTER, process.execPath, program]);
  return JSON.parse(stdout) as BridgeTrial;
}

real(`a network is made, cut, joined and taken away again, in a namespace of its own${why}`, async (t) => {
  const trial = await tryBridge();
  for (const device of ['cluster', 'tap1', 'lan1', 'up1', 'down1', 'tap2', 'lan2', 'up2', 'down2']) {
    t.true(trial.devices.includes(device), device);
  }
  t.deepEqual(
    trial.rates.map(({ dev, bytesPerSecond }) => [dev, bytesPerSecond]).sort(),
    ['down1', 'down2', 'up1', 'up2'].map((dev) => [dev, 12_500_000]),
    'both directions of both cables have the rate that was asked for',
  );
  t.deepEqual(trial.members, ['down1', 'down2']);
  t.deepEqual(trial.membersWhileCut, ['down1']);
  t.deepEqual(trial.counters, { sentBytes: 0, receivedBytes: 0 });
  t.is(trial.second, 'E_NOT_ISOLATED', 'a namespace that has a network gets no second one');
  t.false(trial.devicesAfter.some((device) => /^(cluster|tap|lan|up|down)/.test(device)));
  t.is(trial.thirdKind, 'bridge', 'after it is gone the next can be made');
  t.is(trial.delay, capabilities.netem === true ? 'host' : 'guests');
});

test('the host’s own namespace is left alone', async (t) => {
  const making = createBridgeNetwork(CONTEXT, { nodes: 1, link: { bandwidth: 1e9, delayUs: 0 } });
  await t.throwsAsync(making, { code: 'E_NOT_ISOLATED' });
});
