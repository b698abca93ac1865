// SPDX-License-Identifier: MIT
import test from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import {
  planNetwork,
  probeNetwork,
  type NetworkCapabilities,
} from '../../../testbed/machines/network/capabilities.js';
import { BridgeUnavailableError, NoTunError } from '../../../testbed/machines/network/errors.js';
import { batchFailures } from '../../../testbed/machines/network/iproute.js';
import type { ArgumentVector, Finished } from '../../../testbed/base/process/process-runner.js';
import { fakeProcesses } from '../../base/process/fake-processes.js';

const EVERYTHING: NetworkCapabilities = {
  isolation: 'namespace',
  tun: true,
  bridge: true,
  veth: true,
  tbf: true,
  netem: true,
};

function host(answer: (argv: ArgumentVector) => Partial<Finished>): Context {
  return {
    paths: systemPaths(),
    processes: fakeProcesses(answer),
    clock: systemClock,
    events: () => undefined,
    signal: new AbortController().signal,
    offline: true,
  };
}

test('what ip and tc say about a batch is read line by line', (t) => {
  const stderr = [
    'open: Permission denied',
    'Command failed -:1',
    'Error: Unknown device type.',
    'Command failed -:3',
    '',
  ].join('\n');
  t.deepEqual(
    [...batchFailures(stderr)],
    [
      [0, 'Permission denied'],
      [2, 'Unknown device type.'],
    ],
  );
  t.is(batchFailures('').size, 0);
});

test('root has a namespace and whatever its kernel has', async (t) => {
  const capabilities = await probeNetwork(
    host((argv) =>
      argv.includes('tc')
        ? { code: 1, stderr: 'Error: Specified qdisc kind is unknown.\nCommand failed -:2\n' }
        : { code: 0 },
    ),
  );
  t.deepEqual(capabilities, { ...EVERYTHING, netem: 'Specified qdisc kind is unknown.' });
  t.deepEqual(planNetwork(capabilities), { kind: 'bridge', isolation: 'namespace', reasons: [] });
});

test('an ordinary user has a user namespace where the host allows it', async (t) => {
  const capabilities = await probeNetwork(
    host((argv) =>
      argv.includes('--user')
        ? { code: 0 }
        : { code: 1, stderr: 'unshare: unshare failed: Operation not permitted\n' },
    ),
  );
  t.is(capabilities.isolation, 'user-namespace');
  t.is(planNetwork(capabilities).kind, 'bridge');
});

test('where no namespace can be had, a switch does', async (t) => {
  const capabilities = await probeNetwork(
    host(() => ({ code: 1, stderr: 'unshare: unshare failed: Operation not permitted\n' })),
  );
  const plan = planNetwork(capabilities);
  t.is(plan.kind, 'switch');
  t.is(plan.isolation, 'none');
  t.regex(plan.reasons.join(), /no network namespace/);
  t.throws(() => planNetwork(capabilities, 'bridge'), { instanceOf: BridgeUnavailableError });
});

test('without /dev/net/tun a switch does, and a bridge that was asked for is an error', (t) => {
  const capabilities = { ...EVERYTHING, tun: 'No such file or directory' };
  t.like(planNetwork(capabilities), { kind: 'switch', reasons: ['/dev/net/tun: No such file or directory'] });
  const error = t.throws(() => planNetwork(capabilities, 'bridge'), { instanceOf: NoTunError });
  t.is(error.exitCode, 4);
  t.regex(error.nextStep, /modprobe tun/);
});

test('a part of the bridge that is missing is named', (t) => {
  const error = t.throws(() => planNetwork({ ...EVERYTHING, veth: 'Unknown device type.' }, 'bridge'), {
    instanceOf: BridgeUnavailableError,
  });
  t.regex(error.message, /veth: Unknown device type/);
});

test('netem is not needed for a bridge: guests can delay by themselves', (t) => {
  t.is(planNetwork({ ...EVERYTHING, netem: 'unknown' }).kind, 'bridge');
});
