// SPDX-License-Identifier: MIT
import { open, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { buildPrograms, type BuiltPrograms } from '../experiment/workload/built-programs.js';
import { firstSteps, fuzzOf, rangesOf, shorten, stepsOf, type RunFuzz } from '../guest/mmfuzz.js';

let programs: BuiltPrograms;

test.before(async () => {
  programs = await buildPrograms((folder) => [join(folder, 'trials')], 'elastic');
  await symlink('trials', join(programs.folder, 'mmfuzz'));
});

test.after.always(async () => {
  await programs[Symbol.asyncDispose]();
});

/** Where the memory begins that mmfuzz operates on; see model.h. */
const ARENA = 0x1000_0000_0000;
const ARENA_BYTES = 8 * 2 ** 20;

test('mmfuzz knows what its memory holds, on a machine that is not suspected', async (t) => {
  for (const seed of [1, 2]) {
    const { stdout } = await programs.run('mmfuzz', String(seed), '0-999');
    t.regex(stdout, /^mmfuzz: right, 1000 steps, \d{4,} visits, \d{3,} changes\n$/);
  }
});

test('mmfuzz finds bytes that somebody else has changed', async (t) => {
  const argv = [join(programs.folder, 'mmfuzz'), '1', '0-1000000000', 'auc'] as const;
  await using fuzz = await systemProcesses.start(argv, {
    stdio: ['ignore', 'pipe', 'inherit'],
    orphan: 'dies',
  });
  let said = '';
  fuzz.stdout?.on('data', (text: Buffer) => (said += text.toString()));
  const wait = { what: 'the memory of mmfuzz', deadlineMs: 30_000, everyMs: 20, clock: systemClock };
  const changed = await pollUntil(wait, async () => (await spoil(fuzz.pid)) || undefined);
  t.true(changed > 0);
  t.is((await fuzz.exited).code, 1);
  t.regex(said, /^mmfuzz: WRONG at step \d+, [^\n]*: found 0xdeaddeaddeaddead, not /m);
});

/** Changes eight bytes of every page that is there. @returns how many */
async function spoil(pid: number): Promise<number> {
  const memory = await open(`/proc/${String(pid)}/mem`, 'r+');
  const bytes = Buffer.alloc(8, Buffer.from('addeadde', 'hex'));
  let count = 0;
  for (let at = 0; at < ARENA_BYTES; at += 4096) {
    try {
      count += (await memory.write(bytes, 0, 8, ARENA + at)).bytesWritten > 0 ? 1 : 0;
    } catch {
      // Nothing is mapped there.
    }
  }
  await memory.close();
  return count;
}

test('a sequence that differs is shortened to the steps that matter', async (t) => {
  let runs = 0;
  const run: RunFuzz = (fuzz) => {
    runs += 1;
    const differs = [17, 40, 123].every((step) => fuzz.steps.includes(step));
    return Promise.resolve(differs ? { fuzz, complaint: 'WRONG at step 123' } : { operations: 1, jumps: 0 });
  };
  const fuzz = fuzzOf(1, firstSteps(1000), 3);
  const { fuzz: shortest } = await shorten(run, { fuzz, complaint: 'WRONG at step 123' }, () => true);
  t.deepEqual(shortest, { ...fuzz, steps: [17, 40, 123] });
  t.true(runs < 150, String(runs));
});

test('steps are written as mmfuzz reads them', (t) => {
  t.is(rangesOf([0, 1, 2, 7, 9, 10]), '0-2,7,9-10');
  t.is(rangesOf([5]), '5');
  t.deepEqual(stepsOf('0-2,7,9-10'), [0, 1, 2, 7, 9, 10]);
  t.throws(() => stepsOf('0-2,'), { instanceOf: RangeError });
});
