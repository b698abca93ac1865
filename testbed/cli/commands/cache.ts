// SPDX-License-Identifier: MIT
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode } from '../../error/exit-code.js';
import type { Context } from '../../host/context.js';
import { acquireLock } from '../../host/lock.js';
import { byteText } from '../../store/byte-text.js';
import { Store } from '../../store/store.js';
import type { CommandBody } from '../command.js';
import { UsageError } from '../errors.js';

/** Products of each kind that `prune` leaves: two lines, two variants. */
const KEPT = 4;

/** `testbed cache [show | prune]` */
export const cache: CommandBody = async (invocation, { context, output }) => {
  const [what = 'show'] = invocation.positionals;
  if (what === 'prune') {
    await prune(context, invocation.flag('all'), (text) => {
      output.remark(text);
    });
  } else if (what !== 'show') {
    throw new UsageError(`cache knows show and prune, not ${what}`, 'npx testbed cache --help');
  }
  const folders = await sizes(context);
  if (output.json) output.object({ folder: context.paths.cache, folders });
  else {
    output.line(context.paths.cache);
    for (const { name, bytes } of folders) output.line(`  ${byteText(bytes).padStart(10)}  ${name}`);
  }
  return ExitCode.Ok;
};

async function prune(context: Context, all: boolean, say: (text: string) => void): Promise<void> {
  if (!all) {
    for (const { title, bytes } of await new Store(context).prune({ newest: KEPT })) {
      say(`removed ${title}, ${byteText(bytes)}`);
    }
    return;
  }
  // Nobody may be building while the trees go.
  await using _lock = await acquireLock(context, join(context.paths.state, 'cache.lock'), {
    wait: 'refuse',
    purpose: 'pruning the whole cache',
  });
  await rm(context.paths.cache, { recursive: true, force: true });
  say(`removed ${context.paths.cache}`);
}

async function sizes(context: Context): Promise<readonly { name: string; bytes: number }[]> {
  const names = await readdir(context.paths.cache).catch(() => []);
  if (names.length === 0) return [];
  const { stdout } = await context.processes.succeed(
    ['du', '--summarize', '--block-size=1', '--', ...names.sort()],
    { cwd: context.paths.cache, signal: context.signal },
  );
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [bytes = '0', name = ''] = line.split('\t');
      return { name, bytes: Number(bytes) };
    });
}
