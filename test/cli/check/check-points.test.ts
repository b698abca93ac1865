// SPDX-License-Identifier: MIT
import test from 'ava';
import { checkPoints } from '../../../testbed/cli/check/check-points.js';
import { ktapOf } from '../../../testbed/cli/check/ktap.js';
import type { CellRecord, TrialRecord } from '../../../testbed/experiment/result/cell-record.js';
import { loadScenario } from '../../../testbed/experiment/scenario/load-scenario.js';
import { planScenario } from '../../../testbed/experiment/scenario/plan.js';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import { writtenRun } from '../../experiment/result/written-run.js';

const [cell] = planScenario(await loadScenario({ paths: systemPaths() }, 'scenarios/check.json')).cells;
if (cell === undefined) throw new Error('scenarios/check.json has no cell');
const FLOWS = cell.flows.map((flow) => ({ ...flow, steps: [] }));

const TRIALS: readonly TrialRecord[] = ['linear-search', 'push', 'pull', 'jump', 'loss'].map((name, i) => ({
  name,
  fromNanoseconds: (i + 5) * 1e9,
}));

/** What a check prints for a record. What broke off has no measurement. */
async function printed(
  fields: Partial<CellRecord>,
  trials: readonly TrialRecord[] = TRIALS,
): Promise<readonly string[]> {
  const { record, cells } = await writtenRun(() => ({ seconds: 1 }));
  const [{ result } = { result: undefined }] = cells;
  if (result?.measurement === undefined || cell === undefined) throw new Error('there is a measurement');
  const { measurement, ...rest } = result;
  const measured = fields.error === undefined ? { measurement: { ...measurement, trials } } : {};
  const own = { ...rest, ...measured, flows: FLOWS, ...fields };
  return ktapOf(checkPoints({ record, cells: [{ cell, result: own }] }));
}

const VIRTUAL_TIME = {
  digest: '',
  virtualNanoseconds: 7_500_000_001,
  frames: 1,
  inputs: { qemu: '', lockstep: '', plan: '' },
  transcript: 'transcript.log',
};

function error(code: string, message: string): Partial<CellRecord> {
  const excerpt = ['BUG: unable to handle kernel paging request'];
  return {
    status: 'error',
    virtualTime: VIRTUAL_TIME,
    error: { code, exitCode: 8, message, nextStep: '', excerpt },
  };
}

test('a check that went well is a list of what was checked', async (t) => {
  t.deepEqual(await printed({}), [
    'KTAP version 1',
    '1..9',
    'ok 1 build',
    'ok 2 two nodes boot',
    'ok 3 they are set up to stretch processes',
    'ok 4 linear-search',
    'ok 5 push',
    'ok 6 pull',
    'ok 7 jump',
    'ok 8 loss',
    'ok 9 the consoles have no report of a kernel',
  ]);
});

test('what failed has its reason before it, and the command that repeats it in gdb where it began', async (t) => {
  const trials = TRIALS.map((trial) => (trial.name === 'pull' ? { ...trial, reason: 'wrong byte' } : trial));
  const lines = await printed({ status: 'failed', reason: 'pull: wrong byte' }, trials);
  t.deepEqual(lines.slice(6, 10), [
    'ok 5 push',
    '# wrong byte',
    '# npx testbed replay 20260101T000000Z-example-0123456 --gdb node1 --at 7.000000000s',
    'not ok 6 pull',
  ]);
  t.is(lines.at(-1), 'ok 9 the consoles have no report of a kernel');
});

test('a kernel that dies under the trials is told by its console, at the instant of its report', async (t) => {
  const lines = await printed(error('E_GUEST_DIED', 'node2 died: oops'));
  t.deepEqual(lines.slice(2), [
    'ok 1 build',
    'ok 2 two nodes boot',
    'ok 3 they are set up to stretch processes',
    ...['linear-search', 'push', 'pull', 'jump', 'loss'].map(
      (name, i) => `ok ${i + 4} ${name} # SKIP the run broke off`,
    ),
    '# node2 died: oops',
    '# BUG: unable to handle kernel paging request',
    '# npx testbed replay 20260101T000000Z-example-0123456 --gdb node2 --at 6.500000001s',
    'not ok 9 the consoles have no report of a kernel',
  ]);
});

test('a kernel that does not boot, and nodes that cannot be set up, are points of their own', async (t) => {
  const boot = await printed({ ...error('E_BOOT', 'node1 did not boot'), flows: [] });
  t.true(boot.includes('not ok 2 two nodes boot'));
  t.is(boot.at(-1), 'ok 9 the consoles have no report of a kernel # SKIP the run broke off');
  const flows = await printed({ ...error('E_FLOW_STEP', 'insmod failed'), flows: FLOWS.slice(0, 1) });
  t.true(flows.includes('ok 2 two nodes boot'));
  t.true(flows.includes('not ok 3 they are set up to stretch processes'));
});
