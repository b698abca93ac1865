// SPDX-License-Identifier: MIT
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import type { ArgumentVector, Exit } from '../../../testbed/base/process/process-runner.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';

const MODULE = new URL('../../../testbed/base/lifecycle/interruption.js', import.meta.url).href;

/** Says `begun`; ends with status 3 when it is interrupted, with 0 by a SIGHUP that interrupts nothing. */
const PROGRAM = `
  import { interruption } from ${JSON.stringify(MODULE)};
  interruption().addEventListener('abort', () => process.exit(3));
  // Called after the listener above.
  process.on('SIGHUP', () => process.exit(0));
  setInterval(() => undefined, 1000);
  console.log('begun');
`;

const NODE = [process.execPath, '--input-type=module', '--eval', PROGRAM] as const;

/** How the program ends when it gets SIGHUP. */
async function hungUp(t: ExecutionContext, argv: ArgumentVector, variables: object): Promise<Exit> {
  const env = { _: '', ...variables };
  await using started = await systemProcesses.start(argv, { orphan: 'survives', env });
  if (started.stdout === undefined) return t.fail('no standard output');
  for await (const line of createInterface({ input: started.stdout })) {
    if (line === 'begun') process.kill(-started.pid, 'SIGHUP');
  }
  return await started.exited;
}

test('a terminal that closes interrupts', async (t) => {
  t.is((await hungUp(t, NODE, {})).code, 3);
});

test('under nohup it does not', async (t) => {
  t.is((await hungUp(t, ['nohup', ...NODE], { _: '/usr/bin/nohup' })).code, 0);
});

test('nor does it in a script under nohup', async (t) => {
  const script = ['nohup', 'sh', '-c', '"$@"; exit', 'sh', ...NODE] as const;
  t.is((await hungUp(t, script, {})).code, 0);
});
