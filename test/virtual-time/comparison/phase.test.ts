// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import {
  type Phase,
  phaseBefore,
  phasesOf,
  phaseText,
} from '../../../testbed/virtual-time/comparison/phase.js';
import { temporaryFolder } from '../../products/image/test-context.js';
import { keptRun, TRANSCRIPT } from './kept-run.js';

/** The phase before an instant, of a cell whose first flows were run to their end. */
async function phaseAt(t: ExecutionContext, seconds: number, flowsDone = 2): Promise<Phase> {
  const { cells } = await keptRun(t);
  const [{ cell, result } = { cell: undefined, result: undefined }] = cells;
  if (cell === undefined || result === undefined) throw new Error('there is a cell');
  const transcript = join(await temporaryFolder(t), 'transcript.log');
  await writeFile(transcript, TRANSCRIPT);
  return phaseBefore(seconds * 1e9, await phasesOf(transcript, cell, result.flows.slice(0, flowsDone)));
}

const PHASES: readonly (readonly [seconds: number, phase: Phase, text: string])[] = [
  [0.5, { phase: 'boot' }, 'in boot'],
  [1.15, { phase: 'flow', name: 'setup-dest' }, 'in set-up flow setup-dest'],
  [1.35, { phase: 'flow', name: 'setup-src' }, 'in set-up flow setup-src'],
  [1.55, { phase: 'reading', name: 'resident-unit' }, 'in reading resident-unit'],
  [2.5, { phase: 'workload' }, 'in the workload'],
  [3.15, { phase: 'reading', name: 'usage' }, 'in reading usage'],
];

for (const [seconds, phase, text] of PHASES)
  test(`at ${seconds} s a run is ${text}`, async (t) => {
    t.deepEqual(await phaseAt(t, seconds), phase);
    t.is(phaseText(phase), text);
  });

test('the line that begins a step is the end of the step before it', async (t) => {
  t.deepEqual(await phaseAt(t, 1.3), { phase: 'flow', name: 'setup-dest' });
});

test('a flow that broke off is in no record, and is named by the plan', async (t) => {
  t.deepEqual(await phaseAt(t, 1.35, 1), { phase: 'flow', name: 'setup-src' });
});
