// SPDX-License-Identifier: MIT
import test from 'ava';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';

const MODULE = new URL('../../testbed/cli/command/output.js', import.meta.url).href;

const PROGRAM = `
  import { processOutput } from ${JSON.stringify(MODULE)};
  console.log('a tree is drawn:', processOutput(false).terminal);
`;

/** What the program says on a terminal that has so many columns; script(1) makes one. */
async function onTerminal(columns: number): Promise<string> {
  const command = `stty cols ${columns} && exec "$NODE" --input-type=module --eval "$PROGRAM"`;
  const env = { CI: undefined, NODE: process.execPath, PROGRAM, SHELL: '/bin/sh' };
  const { stdout } = await systemProcesses.succeed(['script', '-qec', command, '/dev/null'], { env });
  return stdout;
}

test('a tree is drawn on a terminal, and not on one that does not know its width', async (t) => {
  t.regex(await onTerminal(80), /a tree is drawn: true/);
  t.regex(await onTerminal(0), /a tree is drawn: false/);
});
