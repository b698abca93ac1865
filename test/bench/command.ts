// SPDX-License-Identifier: MIT
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import type { Tool } from '../guest/tool.js';
import type { Figure } from './figure.js';
import { inTurn, seconds } from './stopwatch.js';

/** `npx testbed --help` against a program that npx finds likewise, and that does nothing. */
export async function helpFigure({ folder, signal }: Tool): Promise<readonly Figure[]> {
  const idle = join(folder, 'idle');
  await mkdir(join(idle, 'node_modules', '.bin'), { recursive: true });
  await writeFile(join(idle, 'package.json'), '{ "name": "idle", "version": "1.0.0" }\n');
  await writeFile(join(idle, 'node_modules', '.bin', 'nothing'), '#!/usr/bin/env node\n', { mode: 0o755 });
  const npx = async (cwd: string, ...words: readonly string[]): Promise<number> =>
    seconds(async () => systemProcesses.succeed(['npx', '--no', ...words], { cwd, signal }));
  const pair = await inTurn(
    5,
    async () => npx(projectRoot(), 'testbed', '--help'),
    async () => npx(idle, 'nothing'),
  );
  return [{ name: 'npx testbed --help above npx itself', ...pair, unit: 's', compare: 'excess', bound: 0.4 }];
}

/** `build` with nothing changed, and after one module file has changed. */
export async function buildFigures(tool: Tool, kernel: string): Promise<readonly Figure[]> {
  const build = async (): Promise<number> => seconds(async () => tool.succeed('build', '--kernel', kernel));
  const none = async (): Promise<number> => Promise.resolve(0);
  await build();
  const unchanged = await inTurn(3, build, none);
  const module = join(projectRoot(), 'kernel-patches', 'modules', 'hello', 'hello.c');
  const original = await readFile(module, 'utf8');
  try {
    await writeFile(module, `${original}/* touched by the benchmark at ${String(Date.now())} */\n`);
    const touched = await build();
    return [
      { name: 'build with nothing changed', ...unchanged, unit: 's', compare: 'absolute', bound: 2 },
      {
        name: 'build after one module file',
        ours: touched,
        theirs: 0,
        unit: 's',
        compare: 'absolute',
        bound: 20,
      },
    ];
  } finally {
    await writeFile(module, original);
  }
}
