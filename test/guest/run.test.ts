// SPDX-License-Identifier: MIT
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import test from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import type { RunOutcome } from '../../testbed/experiment/run/run-plan.js';
import { projectRoot } from '../../testbed/base/host/paths.js';
import type { CellRecord } from '../../testbed/experiment/result/cell-record.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { Tool } from './tool.js';

for (const { line, missing } of kernelsAtHand('release')) {
  const declare = missing === undefined ? test.serial : test.serial.skip;
  const because = missing === undefined ? '' : ` (${missing})`;

  declare(
    `${line}: a workload swaps over the network and on a disk, and every byte is right${because}`,
    async (t) => {
      t.timeout(900_000);
      await using tool = await Tool.make();
      const finished = await tool.run([
        'run',
        'scenarios/smoke.json',
        '--kernel',
        line,
        '--only',
        'count-sort',
        '--json',
      ]);
      t.is(finished.code, 0, finished.stderr);
      const { folder, counts } = JSON.parse(finished.stdout) as RunOutcome;
      t.deepEqual(counts, { ok: 3, failed: 0, invalid: 0, error: 0 });
      for (const system of ['disk-swap', 'nbd-swap']) {
        const { measurement } = await cell(folder, `${system}/count-sort/64M/r1`);
        t.true((measurement?.process?.majorFaults ?? 0) > 1000, `${system} had to swap`);
      }
      const table = await tool.succeed('results', 'show', folder);
      t.regex(table.stdout, /count-sort +64M +nbd-swap/);
      t.regex((await tool.succeed('results', 'tap', folder)).stdout, /^1\.\.3$/m);
      t.regex((await tool.succeed('results', 'junit', folder)).stdout, /<testsuite .*tests="3"/);
      await rm(folder, { recursive: true });
    },
  );
}

const [kernel] = kernelsAtHand('release').filter(({ missing }) => missing === undefined);
const declare = kernel === undefined ? test.serial.skip : test.serial;

declare('an interrupted run keeps its finished cells, and --resume does the rest', async (t) => {
  t.timeout(900_000);
  await using tool = await Tool.make();
  const pinned = ['--kernel', kernel?.line ?? ''];
  await using command = await tool.start('run', 'scenarios/smoke.json', ...pinned, '--only', 'linear-search');
  const id = await runId(command.stderr);
  const folder = join(projectRoot(), 'results', id);
  const first = 'local/linear-search/64M/r1';
  await pollUntil(
    { what: 'the first cell', deadlineMs: 300_000, everyMs: 200, clock: systemClock },
    async () => cell(folder, first).catch(() => undefined),
  );
  command.kill('SIGINT');
  t.is((await command.exited).code, 130);
  const before = await cell(folder, first);
  const resumed = await tool.run(['run', '--resume', id, ...pinned, '--json']);
  t.is(resumed.code, 0, resumed.stderr);
  t.deepEqual((JSON.parse(resumed.stdout) as RunOutcome).counts, { ok: 3, failed: 0, invalid: 0, error: 0 });
  t.deepEqual(await cell(folder, first), before, 'a finished cell is not run again');
  await rm(folder, { recursive: true });
});

/** The run says where its records go as soon as it has a folder. */
async function runId(stderr: Readable | undefined): Promise<string> {
  if (stderr === undefined) throw new Error('the command has no standard error');
  const lines = createInterface({ input: stderr });
  for await (const line of lines) {
    const [, id] = /records go to results\/(\S+)/.exec(line) ?? [];
    if (id === undefined) continue;
    // What follows is read and dropped, so that the command is never held up by a full pipe.
    stderr.resume();
    return id;
  }
  throw new Error('the command ended before it had a folder');
}

async function cell(folder: string, id: string): Promise<CellRecord> {
  return JSON.parse(await readFile(join(folder, 'cells', `${id}.json`), 'utf8')) as CellRecord;
}
