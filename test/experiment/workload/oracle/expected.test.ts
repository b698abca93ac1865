// SPDX-License-Identifier: MIT
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemPaths } from '../../../../testbed/base/host/paths.js';
import type { ProcessRunner } from '../../../../testbed/base/process/process-runner.js';
import { systemProcesses } from '../../../../testbed/base/process/system-processes.js';
import { FootprintError, OracleError } from '../../../../testbed/experiment/workload/errors.js';
import { expectedChecksum } from '../../../../testbed/experiment/workload/oracle/expected.js';
import { answerTo } from '../../../../testbed/experiment/workload/oracle/answer.js';
import { fakeProcesses } from '../../../base/process/fake-processes.js';

const RUN = { workload: 'heap-sort', bytes: 65536, seed: 3n } as const;

interface Place {
  readonly paths: ReturnType<typeof systemPaths>;
  readonly signal: AbortSignal;
}

async function emptyCache(t: ExecutionContext): Promise<Place> {
  const cache = await mkdtemp(join(tmpdir(), 'testbed-oracle-'));
  t.teardown(() => rm(cache, { recursive: true, force: true }));
  return { paths: { ...systemPaths(), cache }, signal: new AbortController().signal };
}

/** Real processes that count how often one was asked for. */
function counted(): { processes: ProcessRunner; runs: () => number } {
  let runs = 0;
  const succeed: ProcessRunner['succeed'] = (argv, options) => {
    runs += 1;
    return systemProcesses.succeed(argv, options);
  };
  return { processes: { ...systemProcesses, succeed }, runs: () => runs };
}

test('the answer comes from a process of its own, and from the cache the next time', async (t) => {
  const place = await emptyCache(t);
  const { processes, runs } = counted();
  const context = { ...place, processes };
  t.deepEqual(await expectedChecksum(context, RUN), answerTo(RUN));
  t.deepEqual(await expectedChecksum(context, RUN), answerTo(RUN));
  t.is(runs(), 1);
  t.deepEqual(await expectedChecksum(context, { ...RUN, seed: 4n }), answerTo({ ...RUN, seed: 4n }));
  t.is(runs(), 2);
});

test('what is broken in the cache is computed again', async (t) => {
  const place = await emptyCache(t);
  const { processes, runs } = counted();
  await expectedChecksum({ ...place, processes }, RUN);
  const folder = join(place.paths.cache, 'oracle');
  for (const name of await readdir(folder)) await writeFile(join(folder, name), '{"checksum":"');
  t.deepEqual(await expectedChecksum({ ...place, processes }, RUN), answerTo(RUN));
  t.is(runs(), 2);
});

test('a footprint that no workload takes is refused before anything runs', async (t) => {
  const context = { ...(await emptyCache(t)), processes: fakeProcesses(() => ({ code: 1 })) };
  for (const bytes of [0, 65535, 65536.5, 17 * 2 ** 30]) {
    await t.throwsAsync(expectedChecksum(context, { ...RUN, bytes }), { instanceOf: FootprintError });
  }
});

test('an oracle that fails is told with its last words, and leaves nothing in the cache', async (t) => {
  const place = await emptyCache(t);
  const processes = fakeProcesses(() => ({
    code: 134,
    stderr: 'RangeError: Array buffer allocation failed',
  }));
  const error = await t.throwsAsync(expectedChecksum({ ...place, processes }, RUN), {
    instanceOf: OracleError,
  });
  t.deepEqual(error.excerpt, ['RangeError: Array buffer allocation failed']);
  t.deepEqual(await readdir(place.paths.cache), []);
});

test('an abort ends the oracle', async (t) => {
  const place = await emptyCache(t);
  const interrupt = new AbortController();
  const computing = expectedChecksum(
    { ...place, processes: systemProcesses, signal: interrupt.signal },
    { ...RUN, bytes: 512 * 2 ** 20 },
  );
  const reason = new Error('Ctrl-C');
  interrupt.abort(reason);
  t.is(await t.throwsAsync(computing), reason);
});
