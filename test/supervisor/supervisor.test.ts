// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Broadcast } from '../../testbed/base/event/broadcast.js';
import type { Cluster } from '../../testbed/machines/cluster/cluster.js';
import { Supervisor } from '../../testbed/supervisor/supervisor.js';
import { EXAMPLE_PRODUCTS } from '../experiment/run/example-run.js';
import { temporaryFolder, testContext } from '../products/image/test-context.js';

const { kernel } = EXAMPLE_PRODUCTS;

async function supervisor(t: ExecutionContext): Promise<Supervisor> {
  const folder = await temporaryFolder(t);
  const socket = join(folder, 'supervisor');
  const place = { name: 'trial', folder, sockets: folder, socket, lock: join(folder, 'lock') };
  return new Supervisor(testContext(), place, new Broadcast());
}

/** Of a cluster, all that a supervisor's state is about: that it can be ended. */
function cluster(ended: string[] = []): Cluster {
  const disposable: AsyncDisposable = {
    [Symbol.asyncDispose]: () => {
      ended.push('cluster');
      return Promise.resolve();
    },
  };
  return disposable as unknown as Cluster;
}

test('a testbed is empty, starting, then up, and only then has nodes to ask', async (t) => {
  const testbed = await supervisor(t);
  const seen = [testbed.state.kind];
  const booted = cluster();
  await testbed.bringUp(
    kernel,
    () => {
      seen.push(testbed.state.kind);
      t.throws(() => testbed.cluster, { code: 'E_NOT_UP_YET' });
      return Promise.resolve(booted);
    },
    () => {
      seen.push(testbed.state.kind);
      return Promise.resolve();
    },
  );
  t.deepEqual([...seen, testbed.state.kind], ['empty', 'starting', 'starting', 'up']);
  t.is(testbed.cluster, booted);
});

test('a testbed that could not be set up is empty again; what was booted ends with it', async (t) => {
  const testbed = await supervisor(t);
  const ended: string[] = [];
  const failing = testbed.bringUp(
    kernel,
    () => Promise.resolve(cluster(ended)),
    () => Promise.reject(new Error('no swap')),
  );
  await t.throwsAsync(failing, { message: 'no swap' });
  t.is(testbed.state.kind, 'empty');
  await testbed[Symbol.asyncDispose]();
  t.deepEqual(ended, ['cluster']);
});

test('while an experiment runs nothing else begins, and nothing from the host reaches virtual time', async (t) => {
  const testbed = await supervisor(t);
  const outcome = await testbed.runExperiment(kernel, { virtualTime: true }, async () => {
    t.throws(() => testbed.cluster, { code: 'E_HOST_INPUT' });
    const second = testbed.runExperiment(kernel, { virtualTime: false }, () => Promise.resolve('second'));
    await t.throwsAsync(second, { code: 'E_SUPERVISOR_BUSY' });
    t.deepEqual(testbed.state, { kind: 'running', virtualTime: true });
    return 'first';
  });
  t.is(outcome, 'first');
  t.is(testbed.state.kind, 'empty');
});

test('an experiment in wall time has no nodes to ask either', async (t) => {
  const testbed = await supervisor(t);
  await testbed.runExperiment(kernel, { virtualTime: false }, () => {
    t.throws(() => testbed.cluster, { code: 'E_NOT_UP_YET' });
    return Promise.resolve();
  });
});
