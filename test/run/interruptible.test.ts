// SPDX-License-Identifier: MIT
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';

/** Two things are owned while a program does its work. */
const program = (work: string): string => `
  import { systemClock } from ${here('../../testbed/base/clock/clock.js')};
  import { DisposalStack } from ${here('../../testbed/base/lifecycle/disposal-stack.js')};
  import { interruptible } from ${here('interruptible.js')};
  await interruptible(async (signal) => {
    const owned = new DisposalStack();
    for (const name of ['first', 'second']) owned.defer(() => console.log(name));
    try {
      console.log('begun');
      ${work}
    } finally {
      await owned[Symbol.asyncDispose]();
    }
  });
`;

const WAIT = 'await systemClock.sleep(60_000, signal);';

interface Ending {
  readonly lines: readonly string[];
  readonly code: number | undefined;
}

/** Runs a program to its end; once it has begun it gets `signal`. */
async function run(t: ExecutionContext, work: string, signal?: NodeJS.Signals): Promise<Ending> {
  await using process_ = await systemProcesses.start(
    [process.execPath, '--input-type=module', '--eval', program(work)],
    { orphan: 'dies' },
  );
  const lines: string[] = [];
  if (process_.stdout === undefined) return t.fail('no standard output');
  for await (const line of createInterface({ input: process_.stdout })) {
    lines.push(line);
    if (line === 'begun' && signal !== undefined) process_.kill(signal);
  }
  return { lines, code: (await process_.exited).code };
}

function here(path: string): string {
  return JSON.stringify(new URL(path, import.meta.url).href);
}

const ALL = ['begun', 'second', 'first'];

test('what is owned is disposed of, last first, whether the work ends well or not', async (t) => {
  t.deepEqual(await run(t, 'return 0;'), { lines: ALL, code: 0 });
  t.deepEqual(await run(t, 'return 3;'), { lines: ALL, code: 3 });
  t.deepEqual(await run(t, "throw new Error('broken');"), { lines: ALL, code: 1 });
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 130],
] as const) {
  test(`${signal} has what is owned be disposed of`, async (t) => {
    t.deepEqual(await run(t, WAIT, signal), { lines: ALL, code });
  });
}
