// SPDX-License-Identifier: MIT
import test from 'ava';
import type { TestbedEvent } from '../../../testbed/base/event/event.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { PackagesMissingError } from '../../../testbed/base/host/errors.js';
import { ensurePackages } from '../../../testbed/base/host/packages.js';
import type { ArgumentVector } from '../../../testbed/base/process/process-runner.js';
import { ManualClock } from '../clock/manual-clock.js';
import { fakeProcesses } from '../process/fake-processes.js';

function host(installed: readonly string[]): {
  context: Context;
  ran: ArgumentVector[];
  seen: TestbedEvent[];
} {
  const ran: ArgumentVector[] = [];
  const seen: TestbedEvent[] = [];
  const processes = fakeProcesses((argv) => {
    ran.push(argv);
    return {
      stdout: argv[0] === 'dpkg-query' ? installed.map((name) => `${name} installed\n`).join('') : '',
    };
  });
  const context: Context = {
    paths: { project: '/p', cache: '/c', state: '/s', runtime: '/r', results: '/p/results' },
    processes,
    clock: new ManualClock(),
    events: (event) => void seen.push(event),
    signal: new AbortController().signal,
    offline: false,
  };
  return { context, ran, seen };
}

test('when everything is there, nothing is run but the question', async (t) => {
  const { context, ran } = host(['make', 'gcc']);
  await ensurePackages(context, ['make', 'gcc'], { install: true, root: true });
  t.deepEqual(
    ran.map(([program]) => program),
    ['dpkg-query'],
  );
});

test('as root, what is missing is said first, in one line, and then installed', async (t) => {
  const { context, ran, seen } = host(['make']);
  await ensurePackages(context, ['make', 'flex', 'bison'], { install: true, root: true });
  const notice = seen.find((event) => event.type === 'notice');
  t.is(notice?.text, 'installing 2 Debian packages with apt-get: bison flex');
  t.deepEqual(ran.at(-1)?.slice(-2), ['bison', 'flex']);
});

test('without root, the exact line to type is the next step', async (t) => {
  const { context } = host(['make']);
  const error = await t.throwsAsync(
    ensurePackages(context, ['make', 'flex'], { install: true, root: false }),
    {
      instanceOf: PackagesMissingError,
    },
  );
  t.is(error.nextStep, 'sudo apt-get update && sudo apt-get install -y --no-install-recommends flex');
  t.is(error.exitCode, 13);
});

test('--no-install is obeyed by root too', async (t) => {
  const { context, ran } = host([]);
  await t.throwsAsync(ensurePackages(context, ['flex'], { install: false, root: true }), {
    instanceOf: PackagesMissingError,
  });
  t.false(ran.some(([program]) => program === 'apt-get'));
});
