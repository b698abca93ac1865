// SPDX-License-Identifier: MIT
import test from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import type { Condition } from '../../testbed/experiment/run/script.js';
import type { Faults } from '../../testbed/machines/cluster/virtual-time.js';
import type { Evidence, FlowStep } from '../../testbed/machines/flow/flow.js';
import type { RemoteFinished } from '../../testbed/machines/ssh/session.js';
import { FinishedCluster, type FinishedRun } from '../../testbed/virtual-time/finished-cluster.js';
import type { PlannedCommand, PlannedFlow } from '../../testbed/virtual-time/operator-plan.js';
import type { StepTranscript } from '../../testbed/virtual-time/transcript.js';
import { testContext } from '../products/image/test-context.js';

const STEP = { node: 'node1', env: {}, delayMs: 0, deadlineMs: 1000 } as const;
const MOMENT = { atNs: 0, traffic: [] };

interface Run {
  readonly failure?: Error;
  readonly crashes?: Faults['crashes'];
  readonly flows?: readonly PlannedFlow[];
  /** Of the first command. */
  readonly until?: Condition;
}

/** Machines that have run a plan of two commands, `first` and `second`. */
function finished(
  transcript: readonly Partial<StepTranscript>[],
  { failure, crashes = [], flows = [], until }: Run = {},
): FinishedCluster {
  const measuring = ['first', 'second'].map((word, i): PlannedCommand => {
    const command = { purpose: 'workload', node: 1, argv: [word] } as const;
    return {
      command: i === 0 && until !== undefined ? { ...command, until } : command,
      step: { ...STEP, argv: [word], onFailure: 'go-on' },
    };
  });
  const run: Omit<FinishedRun, 'nodes'> = {
    plan: { flows, measuring },
    transcript: transcript.map((one) => ({
      ...{ begin: MOMENT, end: MOMENT, how: 0, stdout: '', stderr: '', sockets: '' },
      ...one,
    })),
    failure,
    faults: { crashes },
    accelerator: 'none',
    host: { loadAverage: { before: 0, after: 0 }, others: 0, stolen: 0, noisy: false },
    virtualTime: {
      digest: '',
      virtualNanoseconds: 0,
      frames: 0,
      inputs: { qemu: '', lockstep: '', plan: '' },
      transcript: '',
    },
  };
  const place = { name: 'node1', role: 'compute', address: '10.77.0.1' } as const;
  const node = { ...place, memoryBytes: 0, cpus: 1, pid: 1, commandLine: [], oomKills: [] };
  return new FinishedCluster({ ...run, nodes: [node] });
}

/** Runs one of the two commands. */
async function run(cluster: FinishedCluster, word: 'first' | 'second'): Promise<RemoteFinished> {
  const scripted = cluster.script.find(({ command }) => command.argv[0] === word);
  if (scripted === undefined) throw new Error(`the script has no ${word}`);
  return await scripted.run(new AbortController().signal);
}

test('machines that have run answer from the transcript, and their clock goes along', async (t) => {
  const traffic = [{ sentBytes: 7, receivedBytes: 8 }];
  const cluster = finished([{ stdout: 'one\n', end: { atNs: 5e6, traffic } }, { how: 3 }]);
  t.is((await run(cluster, 'first')).stdout, 'one\n');
  t.is(cluster.clock.now(), 5);
  t.deepEqual(await cluster.network.counters(1), traffic[0]);
  t.is((await run(cluster, 'second')).code, 3);
});

test('a command that nobody asks for is passed over, as when the one before it has failed', async (t) => {
  t.is((await run(finished([{ how: 'expired' }, { stdout: 'two\n' }]), 'second')).stdout, 'two\n');
});

test('where the run has ended, its reason is the answer', async (t) => {
  const cluster = finished([{}], { failure: new Error('node2 died') });
  await run(cluster, 'first');
  await t.throwsAsync(run(cluster, 'second'), { message: 'node2 died' });
});

test('an operator that was done before its plan was makes no sense', async (t) => {
  await t.throwsAsync(run(finished([{}]), 'second'), { code: 'E_TRANSCRIPT' });
});

test('what a node could not do any more since it crashed as planned is told as such', async (t) => {
  const crashes = [{ node: 'node1', atNs: 3e9 }];
  const end = { atNs: 4e9, traffic: [] };
  const cluster = finished([{}, { how: 255, end }], { crashes });
  await run(cluster, 'first');
  await t.throwsAsync(run(cluster, 'second'), {
    code: 'E_PLANNED_CRASH',
    message: 'node1 crashed at 3.000000000 s, as planned, and could not do second',
  });
});

test('a command that ran out of time ran into its deadline', async (t) => {
  await t.throwsAsync(run(finished([{ how: 'expired' }]), 'first'), { code: 'E_DEADLINE' });
});

test('what an answer should have shown, and did not, has not happened in time', async (t) => {
  const until = (word: string): Condition => ({
    what: `the word ${word}`,
    shownBy: ({ stdout }) => stdout.includes(word),
    withinMs: 1000,
  });
  const transcript = [{ stdout: 'one\n' }];
  t.is((await run(finished(transcript, { until: until('one') }), 'first')).stdout, 'one\n');
  await t.throwsAsync(run(finished(transcript, { until: until('two') }), 'first'), {
    code: 'E_DEADLINE',
    message: /^the word two did not happen/,
  });
});

/** A flow of one step on node1, which was planned as a cell's would be. */
function plannedFlow(until?: Evidence): PlannedFlow {
  const waits = until === undefined ? {} : { until };
  const step: FlowStep = {
    id: 'one',
    title: 'One',
    role: 'compute',
    everyNode: false,
    script: 'one.sh',
    arguments: [],
    env: {},
    delayMs: 60_000,
    deadlineMs: 1000,
    ...waits,
  };
  return {
    flow: { name: 'trial', title: 'A trial', env: {}, steps: [step] },
    environment: {},
    steps: [{ ...STEP, argv: ['/usr/lib/testbed/one.sh'], onFailure: 'stop', ...waits }],
  };
}

test('a flow answers from the transcript too, and waits for nothing', async (t) => {
  const started = systemClock.now();
  const transcript = [{ stdout: '{"swap":1}\n' }, { stdout: 'one\n' }];
  const cluster = finished(transcript, { flows: [plannedFlow()] });
  const outcome = await cluster.runFlow(testContext());
  t.deepEqual(outcome.steps, [{ step: 'one', node: 'node1', status: 'done', facts: { swap: 1 } }]);
  t.true(systemClock.now() - started < 5000);
  t.is((await run(cluster, 'first')).stdout, 'one\n');
});

test('a step that goes on running was seen by a port on which its node listened', async (t) => {
  const sockets = '  0: 0100007F:1F90 00000000:0000 0A\n';
  const cluster = finished([{ how: 'running', sockets }], { flows: [plannedFlow({ port: 8080 })] });
  const outcome = await cluster.runFlow(testContext());
  t.deepEqual(outcome.steps, [{ step: 'one', node: 'node1', status: 'running' }]);
  await outcome[Symbol.asyncDispose]();
});

test('a flow that the run did not get to fails for the reason of the run', async (t) => {
  const cluster = finished([], { flows: [plannedFlow()], failure: new Error('node1 died') });
  await t.throwsAsync(cluster.runFlow(testContext()), { message: 'node1 died' });
});
