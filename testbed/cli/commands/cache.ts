// SPDX-License-Identifier: MIT
import { readdir, rm } from 'node:fs/promises';
import { ExitCode } from '../../base/error/exit-code.js';
import type { Context } from '../../base/host/context.js';
import { acquireLock } from '../../base/host/lock.js';
import { listLines } from '../../products/kernel/line/line.js';
import { treePlace } from '../../products/kernel/line/place.js';
import { DisposalStack } from '../../base/lifecycle/disposal-stack.js';
import { byteText } from '../../products/store/byte-text.js';
import { Store } from '../../products/store/store.js';
import { knownTestbeds, runningSupervisor } from '../../supervisor/registry.js';
import type { CommandBody } from '../command/command.js';
import { UsageError } from '../command/errors.js';

/** Products of each kind that `prune` keeps for each kernel line: one for each variant. */
const KEPT_PER_LINE = 2;

const PRUNING = { wait: 'refuse', purpose: 'pruning the whole cache' } as const;

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
  const lines = await listLines(context.paths);
  if (!all) {
    const newest = KEPT_PER_LINE * lines.length;
    for (const { title, bytes } of await new Store(context).prune({ newest })) {
      say(`removed ${title}, ${byteText(bytes)}`);
    }
    return;
  }
  await using held = new DisposalStack();
  await nothingRuns(context, held);
  for (const line of lines) {
    held.use(await acquireLock(context, treePlace(context.paths, line).lock, PRUNING));
  }
  await rm(context.paths.cache, { recursive: true, force: true });
  say(`removed ${context.paths.cache}`);
}

/** Checks that no testbed is up, since its guests boot from the cache, also when they are rebooted. None can come up. */
async function nothingRuns(context: Context, held: DisposalStack): Promise<void> {
  for (const place of await knownTestbeds(context.paths)) {
    if ((await runningSupervisor(place)) !== undefined) {
      throw new UsageError(
        `testbed ${place.name} is up and boots from the cache`,
        `npx testbed down --name ${place.name}`,
      );
    }
    held.use(await acquireLock(context, place.lock, PRUNING));
  }
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
