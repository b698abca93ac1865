// SPDX-License-Identifier: MIT
import test from 'ava';
import type { RemoteFinished } from '../../../testbed/machines/ssh/session.js';
import { Readings } from '../../../testbed/experiment/run/readings.js';
import {
  readTrials,
  TRIAL_NAMES,
  TRIAL_PURPOSES,
  trialCommands,
  type TrialPurpose,
} from '../../../testbed/experiment/run/trials.js';
import { judgeTrials } from '../../../testbed/experiment/run/verdict.js';
import { DeadlineError } from '../../../testbed/base/clock/deadline.js';
import type { TrialRecord } from '../../../testbed/experiment/result/cell-record.js';

type Answer = Partial<Pick<RemoteFinished, 'code' | 'stdout' | 'stderr'>> | 'no end';

const counted = (jumps: number): Answer => ({
  stderr: `pulled_pages 20\npushed_pages 30\njumps_out ${jumps}\njumps_in ${jumps}\n`,
});

/** What real nodes say where all is well, but for the numbers. */
const WELL: Readonly<Record<TrialPurpose, Answer>> = {
  push: counted(0),
  pull: counted(0),
  jump: counted(7),
  losing: {},
  loss: { code: 135, stderr: 'Bus error\n' },
  'loss-reason': {
    stdout: `pid 9\nstate x\n\nended 5\nreason node 1 is lost (-110), its pages are gone\njumps_out 7\n`,
  },
};

/** The records of trials in which some answer is another. The clock is at a second for each answer. */
async function tried(answers: Partial<typeof WELL>): Promise<readonly TrialRecord[]> {
  let seconds = 10;
  const script = trialCommands({ leaseSeconds: 2 }).map((command) => ({
    command,
    run: () => {
      seconds += 1;
      const answer = { ...WELL, ...answers }[command.purpose as TrialPurpose];
      return answer === 'no end'
        ? Promise.reject(new DeadlineError('the end', command.deadlineMs ?? 0))
        : Promise.resolve({ code: 0, signal: undefined, stdout: '', stderr: '', ...answer });
    },
  }));
  const readings = new Readings(script, { now: () => seconds * 1000 });
  await readings.take(TRIAL_PURPOSES, new AbortController().signal);
  return readTrials(readings);
}

async function reasonOf(name: string, answers: Partial<typeof WELL>): Promise<string | undefined> {
  const records = await tried(answers);
  const others = records.filter((record) => record.name !== name && record.reason !== undefined);
  if (others.length > 0) throw new Error(JSON.stringify(others));
  return records.find((record) => record.name === name)?.reason;
}

test('trials that went well have a name, an instant and no reason', async (t) => {
  const records = await tried({});
  t.deepEqual(
    records.map(({ name }) => name),
    TRIAL_NAMES,
  );
  t.deepEqual(
    records.map(({ fromNanoseconds }) => fromNanoseconds / 1e9),
    [10, 11, 12, 14],
  );
  t.true(records.every(({ reason }) => reason === undefined));
});

test('a wrong byte is told in the words of the program', async (t) => {
  const answer = { code: 1, stdout: 'selfcheck: word, page 3: 7, not 9\nselfcheck: sum 1 errors 1\n' };
  t.is(
    await reasonOf('pull', { pull: answer }),
    'the program ended with status 1: selfcheck: word, page 3: 7, not 9',
  );
});

test('a program that does not end has failed', async (t) => {
  t.is(await reasonOf('jump', { jump: 'no end' }), 'the program did not end within 60 s');
});

test('a trial in which nothing was pushed, pulled or jumped has failed', async (t) => {
  t.is(await reasonOf('push', { push: {} }), 'nothing was tried: the module counted no pushed_pages');
  t.is(await reasonOf('pull', { pull: {} }), 'nothing was tried: the module counted no pulled_pages');
  t.is(await reasonOf('jump', { jump: counted(0) }), 'nothing was tried: the module counted no jumps_out');
});

test('a process that was not to jump has not jumped', async (t) => {
  t.is(
    await reasonOf('push', { push: counted(2) }),
    'the module counted 2 jumps_out, and there was to be none',
  );
});

test('a process that has lost its pages may neither go on, nor end well, nor end without a reason', async (t) => {
  t.is(
    await reasonOf('loss', { loss: 'no end' }),
    'the process had not ended 4.5 s after its start, though its node was lost',
  );
  t.is(await reasonOf('loss', { loss: {} }), 'the process ended well, though its node was lost');
  t.is(
    await reasonOf('loss', { 'loss-reason': { stdout: 'ended 5\n' } }),
    'the program ended with status 135: Bus error; the module gives as the reason: none',
  );
});

test('the first trial that failed is the reason, where the workload is ok', (t) => {
  const trials = [
    { name: 'linear-search', fromNanoseconds: 1 },
    { name: 'push', fromNanoseconds: 2, reason: 'one' },
    { name: 'jump', fromNanoseconds: 3, reason: 'two' },
  ];
  t.deepEqual(judgeTrials({ status: 'ok' }, trials), { status: 'failed', reason: 'push: one' });
  const invalid = { status: 'invalid', reason: 'no pressure' } as const;
  t.deepEqual(judgeTrials(invalid, trials), invalid);
  t.deepEqual(judgeTrials({ status: 'ok' }, trials.slice(0, 1)), { status: 'ok' });
});
