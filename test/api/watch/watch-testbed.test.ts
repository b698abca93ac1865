// SPDX-License-Identifier: MIT
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openContext } from '../../../testbed/api/context/open-context.js';
import { Testbed } from '../../../testbed/api/testbed.js';
import { toErrorRecord } from '../../../testbed/base/error/error-record.js';
import type { Paths } from '../../../testbed/base/host/paths.js';
import { Channel } from '../../../testbed/supervisor/channel.js';
import { NotRunningError } from '../../../testbed/supervisor/errors.js';
import { FrameType } from '../../../testbed/supervisor/frame.js';
import { testbedPlace } from '../../../testbed/supervisor/registry.js';
import { launchSupervisor } from '../../../testbed/supervisor/start-supervisor.js';
import { temporaryFolder } from '../../products/image/test-context.js';

async function places(t: ExecutionContext): Promise<Pick<Paths, 'state' | 'runtime' | 'results' | 'cache'>> {
  const folder = await temporaryFolder(t);
  const place = (name: string): string => join(folder, name);
  return { state: place('state'), runtime: place('run'), results: place('results'), cache: place('cache') };
}

test('watching goes on when the testbed is brought down, and is ended by its signal', async (t) => {
  const paths = await places(t);
  const testbed = new Testbed({ paths, name: 'empty' });
  await using _supervisor = await launchSupervisor(
    openContext({ paths }),
    testbedPlace(openContext({ paths }).paths, 'empty'),
  );
  const enough = new AbortController();
  const states: string[] = [];
  const watching = async (): Promise<void> => {
    for await (const { state } of testbed.watch({ signal: enough.signal })) {
      if (states.at(-1) !== state) states.push(state);
      if (states.length === 1) await testbed.down();
      else enough.abort(new Error('enough'));
    }
  };
  await t.throwsAsync(watching(), { message: 'enough' });
  t.deepEqual(states, ['empty', 'down']);
});

test('a testbed whose supervisor says that it is on its way down is not up', async (t) => {
  const paths = await places(t);
  const { socket } = testbedPlace(openContext({ paths }).paths, 'default');
  await mkdir(dirname(socket), { recursive: true });
  const record = toErrorRecord(new NotRunningError('default', 'is being brought down'));
  const server = createServer((connection) => {
    const channel = new Channel(connection);
    void channel.send(FrameType.Error, JSON.stringify(record)).then(() => {
      channel.end();
    });
  });
  server.listen(socket);
  await once(server, 'listening');
  try {
    const testbed = new Testbed({ paths });
    t.false(await testbed.isUp());
    for await (const { state } of testbed.watch()) {
      t.is(state, 'down');
      break;
    }
  } finally {
    server.close();
  }
});
