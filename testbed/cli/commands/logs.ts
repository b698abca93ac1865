// SPDX-License-Identifier: MIT
import { createReadStream, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode } from '../../base/error/exit-code.js';
import { UnknownNodeError } from '../../supervisor/errors.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { writeTo } from '../terminal/write-to.js';

/** `testbed logs NODE [-f]`: reads the file, so that it works when the testbed is down as well. */
export const logs: CommandBody = async (invocation, { context }) => {
  const [node = ''] = invocation.positionals;
  const { folder } = namedTestbed(invocation, context);
  const path = join(folder, node, 'console.log');
  let offset = await copyFrom(path, 0, node);
  if (!invocation.flag('follow')) return ExitCode.Ok;
  for await (const change of changes(path, context.signal)) {
    offset = change === 'replaced' ? await copyFrom(path, 0, node) : await copyFrom(path, offset, node);
  }
  return ExitCode.Ok;
};

async function copyFrom(path: string, offset: number, node: string): Promise<number> {
  let size: number;
  try {
    ({ size } = await stat(path));
  } catch {
    throw new UnknownNodeError(node, []);
  }
  if (size <= offset) return size < offset ? await copyFrom(path, 0, node) : offset;
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
