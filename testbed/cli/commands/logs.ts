// SPDX-License-Identifier: MIT
import { createReadStream, existsSync, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode } from '../../base/error/exit-code.js';
import { NotRunningError, UnknownNodeError } from '../../supervisor/errors.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { writeTo } from '../terminal/write-to.js';

/** In the folder of each node. */
const CONSOLE = 'console.log';

/** `testbed logs NODE [-f]`: reads the file, so that it works when the testbed is down as well. */
export const logs: CommandBody = async (invocation, { context }) => {
  const [node = ''] = invocation.positionals;
  const { name, folder } = namedTestbed(invocation, context);
  const nodes = await nodesWithConsoles(folder);
  if (nodes.length === 0) throw new NotRunningError(name);
  if (!nodes.includes(node)) throw new UnknownNodeError(node, nodes);
  const path = join(folder, node, CONSOLE);
  let offset = await copyFrom(path, 0);
  if (!invocation.flag('follow')) return ExitCode.Ok;
  for await (const change of changes(path, context.signal)) {
    offset = change === 'replaced' ? await copyFrom(path, 0) : await copyFrom(path, offset);
  }
  return ExitCode.Ok;
};

/** The nodes that are up, or were up last. */
async function nodesWithConsoles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => existsSync(join(folder, name, CONSOLE))).sort();
}

async function copyFrom(path: string, offset: number): Promise<number> {
  const { size } = await stat(path);
  if (size <= offset) return size < offset ? await copyFrom(path, 0) : offset;
  const write = writeTo(process.stdout);
  for await (const chunk of createReadStream(path, { start: offset, end: size - 1 }))
    await write(chunk as Buffer);
  return size;
}

async function* changes(path: string, signal: AbortSignal): AsyncGenerator<'grown' | 'replaced'> {
  const watcher = watch(path, { signal });
  try {
    for (;;) {
      const kind = await new Promise<string>((resolve, reject) => {
        watcher.once('change', resolve);
        watcher.once('error', reject);
      });
      yield kind === 'rename' ? 'replaced' : 'grown';
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    watcher.close();
  }
}
