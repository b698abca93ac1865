// SPDX-License-Identifier: MIT
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TransferError } from '../../../testbed/machines/ssh/errors.js';
import { HostileServer, type Told } from './hostile-server.js';

/** Trees that are pulled one after the other. A failure names its number. */
const TREES = 200;

/** Numbers that look like chance and are the same every time: Park and Miller's generator. */
function chance(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}

/** A tree whose names, links and sizes all try to lead out of the folder that it is copied into. */
function hostileTree(below: (limit: number) => number, outside: string, depth = 0): Told {
  const names = [
    ...['..', '.', '', '/', 'a/b', 'a\0b', 'same', 'same', 'link', 'x', outside],
    ...['../stray', '../../stray', '../../../stray', '../../../../stray'],
    ...[join(outside, 'stray'), 'link/stray', 'same/stray', 'x/stray'],
  ];
  const targets = [outside, '..', '../../outside', '/', 'same', 'link'];
  const sizes = [0, 3, 4096, 2 ** 40, Number.MAX_SAFE_INTEGER];
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const entry = (): readonly [string, Told] => {
    switch (below(depth > 3 ? 2 : 3)) {
      case 0:
        return [pick(names), { kind: 'file', content: 'owned', size: pick(sizes) }];
      case 1:
        return [pick(names), { kind: 'link', target: pick(targets) }];
      default:
        return [pick(names), hostileTree(below, outside, depth + 1)];
    }
  };
  return { kind: 'directory', entries: Array.from({ length: 1 + below(8) }, entry) };
}

test('whatever a node sends stays in the folder that was asked for', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'testbed-hostile-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  const outside = join(folder, 'outside');
  const target = join(folder, 'in', 'target');
  await mkdir(outside);
  await mkdir(target, { recursive: true });
  await writeFile(join(outside, 'x'), 'mine', { mode: 0o600 });
  const trees = Array.from({ length: TREES }, (_, index): readonly [string, Told] => [
    `t${index}`,
    { kind: 'directory', entries: [['tree', hostileTree(chance(index + 1), outside)]] },
  ]);
  await using server = await HostileServer.start({ kind: 'directory', entries: trees });
  await using session = await server.connect();
  let refused = 0;
  for (const [name] of trees) {
    // The same target again and again: what one tree has left there, such as a link, is in the next one's way.
    await session.pull(`/${name}/tree`, target).catch((thrown: unknown) => {
      if (!(thrown instanceof TransferError)) throw thrown;
      refused += 1;
    });
    t.deepEqual(await readdir(target), ['tree'], name);
    t.deepEqual(await readdir(outside), ['x'], name);
    t.deepEqual((await readdir(folder)).sort(), ['in', 'outside'], name);
    t.deepEqual(await readdir(join(folder, 'in')), ['target'], name);
  }
  t.is(await readFile(join(outside, 'x'), 'utf8'), 'mine');
  t.is((await lstat(join(outside, 'x'))).mode & 0o7777, 0o600);
  t.true(refused > TREES / 2, `${refused} were refused in part`);
});
