// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { RunOutcome } from '../../testbed/experiment/run-plan.js';
import type { CellRecord } from '../../testbed/result/cell-record.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { Tool } from './tool.js';

const CELL = 'nbd-swap/count-sort/48M/r1';

/** The smallest cell that swaps over the network. */
async function scenario(t: ExecutionContext, line: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vt-scenario-'));
  t.teardown(async () => rm(folder, { recursive: true }));
  const file = join(folder, 'virtual.json');
  const computeNode = line === 'linux-2.6.38.8' ? '64M' : '96M';
  const footprint = line === 'linux-2.6.38.8' ? '48M' : '64M';
  await writeFile(
    file,
    JSON.stringify({
      name: 'identity',
      time: 'virtual',
      memory: { computeNode },
      systems: ['nbd-swap'],
      workloads: ['count-sort'],
      footprints: [footprint],
      repeats: 1,
    }),
  );
  return file;
}

/** Keeps every processor busy until it is disposed of. */
function load(): Disposable {
  const busy = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  return {
    [Symbol.dispose]: () => {
      for (const child of busy) child.kill('SIGKILL');
    },
  };
}

for (const { line, missing } of kernelsAtHand('release')) {
  const declare = missing === undefined ? test.serial : test.serial.skip;
  const because = missing === undefined ? '' : ` (${missing})`;

  declare(
    `${line}: network swap in virtual time is the same to the bit, idle and under load${because}`,
    async (t) => {
      t.timeout(1_200_000);
      await using tool = await Tool.make();
      const finished = await tool.run(['run', await scenario(t, line), '--kernel', line, '--json']);
      t.is(finished.code, 0, finished.stderr);
      const { folder } = JSON.parse(finished.stdout) as RunOutcome;
      t.teardown(async () => rm(folder, { recursive: true }));
      const id = line === 'linux-2.6.38.8' ? CELL : CELL.replace('48M', '64M');
      const record = JSON.parse(await readFile(join(folder, 'cells', `${id}.json`), 'utf8')) as CellRecord;
      t.is(record.status, 'ok');
      t.true((record.measurement?.process?.majorFaults ?? 0) > 500, 'it had to swap');
      t.regex(record.virtualTime?.digest ?? '', /^[0-9a-f]{64}$/);
      {
        using _load = load();
        const again = await tool.run(['verify', folder]);
        t.is(again.code, 0, again.stdout + again.stderr);
        t.regex(again.stdout, /identical/);
      }
    },
  );
}

const [kernel] = kernelsAtHand('release').filter(({ missing }) => missing === undefined);
const declare = kernel === undefined ? test.serial.skip : test.serial;

declare(
  'a testbed in virtual time cannot be brought up, for it would take input from the host',
  async (t) => {
    await using tool = await Tool.make();
    const { code, stderr } = await tool.run(['up', 'scenarios/virtual-time.json']);
    t.is(code, 2);
    t.regex(stderr, /would reach guests in virtual time from the host/);
  },
);
