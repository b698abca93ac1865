// SPDX-License-Identifier: MIT
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../testbed/host/paths.js';
import { systemProcesses } from '../../testbed/process/system-processes.js';
import type { Tool } from '../guest/tool.js';
import type { Figure } from './figure.js';
import { inTurn, seconds } from './stopwatch.js';

/** `npx testbed --help` against npx with a program that does nothing. */
export async function helpFigure(): Promise<Figure> {
  const cwd = projectRoot();
  const npx = async (...words: readonly string[]): Promise<number> =>
    seconds(async () => systemProcesses.succeed(['npx', '--no', ...words], { cwd }));
  const pair = await inTurn(
    5,
    async () => npx('testbed', '--help'),
    async () => npx('-c', 'true'),
  );
  return { name: 'npx testbed --help above npx itself', ...pair, unit: 's', compare: 'excess', bound: 0.4 };
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
