// SPDX-License-Identifier: MIT
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { digestOf, type Evidence } from '../../testbed/virtual-time/digest.js';
import { differenceText, firstDifference } from '../../testbed/virtual-time/difference.js';
import { temporaryFolder } from '../products/image/test-context.js';
import { frameFromTo } from './scripted-guest.js';
import { conclude, simulate } from './simulation.js';

interface Left {
  readonly node1?: string;
  readonly transcript?: string;
  readonly capture?: string;
}

const NODE1 = '0.100000000 one\n0.200000000 two\n0.300000000 three\n';

/** What a run has left behind. */
async function evidence(t: ExecutionContext, left: Left): Promise<Evidence> {
  const folder = await temporaryFolder(t);
  const file = async (name: string, text: string): Promise<string> => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  return {
    consoles: [
      { name: 'node1', path: await file('node1', left.node1 ?? NODE1) },
      { name: 'node2', path: await file('node2', '0.150000000 ready\n') },
    ],
    transcript: await file('transcript', left.transcript ?? '0.500000000 over\n'),
    ...(left.capture === undefined ? {} : { capture: left.capture }),
  };
}

test('two runs that left the same have the same digest, and no difference', async (t) => {
  const [a, b] = [await evidence(t, {}), await evidence(t, {})];
  t.is(await digestOf(a), await digestOf(b));
  t.is(await firstDifference(a, b), undefined);
});

test('the first line that differs is named with its node and instant', async (t) => {
  const a = await evidence(t, { transcript: '0.600000000 over\n' });
  const b = await evidence(t, { node1: NODE1.replace('two', 'deux').replace('three', 'trois') });
  const found = await firstDifference(a, b);
  t.deepEqual(found, {
    kind: 'console',
    atNs: 200_000_000,
    where: 'node1',
    a: 'two',
    b: 'deux',
    aNs: 200_000_000,
    bNs: 200_000_000,
  });
  t.not(await digestOf(a), await digestOf(b));
});

test('a line that comes later in the other run differs where it was missing', async (t) => {
  const b = await evidence(t, { node1: NODE1.replace('0.2', '0.25') });
  t.is((await firstDifference(await evidence(t, {}), b))?.atNs, 200_000_000);
});

test('a run that ends early differs where the other one goes on', async (t) => {
  const b = await evidence(t, { node1: NODE1.split('\n').slice(0, 2).join('\n') });
  const found = await firstDifference(await evidence(t, {}), b);
  t.deepEqual(found, {
    kind: 'console',
    atNs: 300_000_000,
    where: 'node1',
    a: 'three',
    b: undefined,
    aNs: 300_000_000,
    bNs: undefined,
  });
  t.is(found && differenceText(found), 'first difference at 0.300000000 s, node1: "three", then nothing');
});

test('a frame that differs in one byte is found', async (t) => {
  const captures = [];
  for (const mark of [1, 2]) {
    const simulation = await simulate(t, {
      deeds: [
        [
          { at: 1000, frame: frameFromTo(1, 2, 100) },
          { at: 2_000_000, frame: frameFromTo(1, 2, 100, mark) },
        ],
        [],
        [],
      ],
    });
    await conclude(simulation);
    captures.push(simulation.capture);
  }
  const [a, b] = await Promise.all(captures.map(async (capture) => evidence(t, { capture })));
  if (a === undefined || b === undefined) throw new Error('two captures were made');
  t.like(await firstDifference(a, b), { kind: 'frame', atNs: 2_000_000, where: 'guest 1 to guest 2' });
});

test('a guest that only the other run had is where they differ', async (t) => {
  const b = await evidence(t, {});
  const [node1, node2] = b.consoles;
  if (node1 === undefined || node2 === undefined) throw new Error('there are two consoles');
  const found = await firstDifference({ ...b, consoles: [node1] }, b);
  t.like(found, { where: 'node2', a: undefined, b: 'ready', atNs: 150_000_000 });
});
