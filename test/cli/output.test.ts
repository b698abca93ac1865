// SPDX-License-Identifier: MIT
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { temporaryFolder } from '../products/image/test-context.js';

interface Ending {
  readonly code: number | undefined;
  readonly stderr: string;
}

/** Runs a command line whose standard output is a pipe without a reader, or the given descriptor. */
async function run(t: ExecutionContext, stdout: 'pipe' | number, ...words: string[]): Promise<Ending> {
  const home = await temporaryFolder(t);
  const env = { HOME: home, TESTBED_RUNTIME: join(home, 'run'), TESTBED_RESULTS: join(home, 'results') };
  const argv = [process.execPath, join(projectRoot(), 'testbed', 'cli', 'launch.mjs'), ...words] as const;
  const stdio = ['ignore', stdout, 'pipe'] as const;
  await using command = await systemProcesses.start(argv, { orphan: 'dies', stdio, env });
  command.stdout?.destroy();
  let stderr = '';
  for await (const chunk of command.stderr ?? []) stderr += String(chunk);
  return { code: (await command.exited).code, stderr };
}

for (const words of [['--help'], ['up', '--help'], ['list', '--json'], ['cache']]) {
  const line = words.join(' ');

  test(`${line}: a reader that leaves early ends it quietly`, async (t) => {
    t.deepEqual(await run(t, 'pipe', ...words), { code: 141, stderr: '' });
  });

  test(`${line}: a full disk is named`, async (t) => {
    const full = await open('/dev/full', 'w');
    t.teardown(async () => full.close());
    const { code, stderr } = await run(t, full.fd, ...words);
    t.is(code, 4);
    t.regex(stderr, /^testbed: the output cannot be written: no space is left where it goes\n {2}next: /);
  });
}
