// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import test from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import { DeadlineError } from '../../../testbed/base/clock/deadline.js';
import type { TestbedEvent } from '../../../testbed/base/event/event.js';
import { FlowRoleError, FlowStepError } from '../../../testbed/machines/flow/errors.js';
import type { Flow, FlowStep } from '../../../testbed/machines/flow/flow.js';
import { runFlow } from '../../../testbed/machines/flow/run-flow.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { ManualClock } from '../../base/clock/manual-clock.js';
import { nodesWith } from './this-machine.js';

function contextOf(changes: Partial<Context> = {}): Context & { readonly seen: TestbedEvent[] } {
  const seen: TestbedEvent[] = [];
  return {
    paths: systemPaths(),
    processes: systemProcesses,
    clock: systemClock,
    events: (event) => seen.push(event),
    signal: new AbortController().signal,
    offline: true,
    ...changes,
    seen,
  };
}

function step(id: string, changes: Partial<FlowStep> = {}): FlowStep {
  return {
    id,
    title: id,
    role: 'compute',
    everyNode: false,
    script: `${id}.sh`,
    arguments: [],
    env: {},
    delayMs: 0,
    deadlineMs: 30_000,
    ...changes,
  };
}

function flow(...steps: readonly FlowStep[]): Flow {
  return { name: 'trial', title: 'A trial', env: {}, steps };
}

test('steps run in order, on the node of their role, each knowing its own and its peer’s address', async (t) => {
  const say = 'echo "$EOS_LOCAL_ADDRESS < $EOS_REMOTE_MACHINE $*"';
  const nodes = await nodesWith(t, { 'lend.sh': say, 'use.sh': say });
  const context = contextOf();
  const outcome = await runFlow(
    context,
    flow(step('lend', { role: 'memory', arguments: ['a b', ''] }), step('use')),
    nodes,
  );
  t.is(outcome.status, 'done');
  t.deepEqual(
    context.seen.flatMap((event) => (event.type === 'command-output' ? [`${event.id}: ${event.line}`] : [])),
    ['flow/trial/lend: 10.77.0.2 < 10.77.0.1 a b ', 'flow/trial/use: 10.77.0.1 < 10.77.0.2 '],
  );
  t.deepEqual(
    context.seen.flatMap((event) =>
      event.type === 'stage-finished' ? [`${event.id} ${event.outcome}`] : [],
    ),
    ['flow/trial/lend done', 'flow/trial/use done', 'flow/trial done'],
  );
});

test('a step for every node runs once on each of its role, whether a pair has it or not', async (t) => {
  const say = 'echo "$EOS_LOCAL_ADDRESS < $EOS_REMOTE_MACHINE"';
  const nodes = await nodesWith(t, { 'lend.sh': say, 'use.sh': say }, [
    'compute',
    'memory',
    'memory',
    'compute',
  ]);
  const outcome = await runFlow(
    contextOf(),
    flow(step('lend', { role: 'memory', everyNode: true }), step('use')),
    nodes,
  );
  t.deepEqual(
    outcome.steps.map(({ step: id, node }) => [id, node]),
    [
      ['lend', 'node2'],
      ['lend', 'node3'],
      ['use', 'node1'],
      ['use', 'node4'],
    ],
  );
});

test('the caller’s variables come before the step’s, and those before the flow’s', async (t) => {
  const nodes = await nodesWith(t, { 'show.sh': `printf '{"a":"%s","b":"%s","c":"%s"}' "$A" "$B" "$C"` });
  const base = flow(step('show', { env: { B: 'step', C: 'step' } }));
  const outcome = await runFlow(contextOf(), { ...base, env: { A: 'flow', B: 'flow', C: 'flow' } }, nodes, {
    C: 'caller',
  });
  t.deepEqual(outcome.steps, [
    { step: 'show', node: 'node1', status: 'done', facts: { a: 'flow', b: 'step', c: 'caller' } },
  ]);
});

test('each compute node is paired with a memory node, in turn', async (t) => {
  const nodes = await nodesWith(t, { 'lend.sh': 'echo "to $EOS_REMOTE_MACHINE"', 'use.sh': 'true' }, [
    'compute',
    'compute',
    'memory',
  ]);
  const context = contextOf();
  await runFlow(context, flow(step('lend', { role: 'memory' }), step('use')), nodes);
  t.deepEqual(
    context.seen.flatMap((event) => (event.type === 'stage-started' ? [event.id] : [])),
    ['flow/trial', ...['lend-node1', 'use-node1', 'lend-node2', 'use-node2'].map((id) => `flow/trial/${id}`)],
  );
});

test('a flow that lacks a node for one of its steps runs none', async (t) => {
  const nodes = await nodesWith(t, { 'use.sh': 'true', 'lend.sh': 'true' }, ['compute']);
  const context = contextOf();
  const running = runFlow(context, flow(step('use'), step('lend', { role: 'memory' })), nodes);
  await t.throwsAsync(running, { instanceOf: FlowRoleError, message: /needs a memory node/ });
});

test('a step that fails ends the flow with its name, its node and its last lines', async (t) => {
  const nodes = await nodesWith(t, { 'break.sh': 'echo first; echo why >&2; exit 71', 'never.sh': 'true' });
  const context = contextOf();
  const error = await t.throwsAsync(runFlow(context, flow(step('break'), step('never')), nodes), {
    instanceOf: FlowStepError,
  });
  t.is(error.message, 'step break of flow trial ended with status 71 on node1');
  t.deepEqual([...error.excerpt].sort(), ['first', 'why']);
  t.false(context.seen.some((event) => 'id' in event && event.id === 'flow/trial/never'));
});

test('status 69 skips the rest of the flow, with what the script said', async (t) => {
  const nodes = await nodesWith(t, { 'need.sh': 'echo "no such kernel" >&2; exit 69', 'never.sh': 'true' });
  const context = contextOf();
  const outcome = await runFlow(context, flow(step('need'), step('never')), nodes);
  t.like(outcome, { status: 'skipped', reason: 'no such kernel' });
  t.is(outcome.steps.length, 1);
  t.like(context.seen.at(-1), { id: 'flow/trial', outcome: 'skipped', note: 'no such kernel' });
});

test('a step that takes too long is killed', async (t) => {
  const nodes = await nodesWith(t, { 'hang.sh': 'echo so far; exec sleep 2001' });
  const running = runFlow(contextOf(), flow(step('hang', { deadlineMs: 1_000 })), nodes);
  const error = await t.throwsAsync(running, { instanceOf: DeadlineError });
  t.regex(error.message, /the end of step hang of flow trial on node1/);
  t.deepEqual(error.excerpt, ['so far']);
});

test('a declared delay passes before its step', async (t) => {
  const nodes = await nodesWith(t, { 'late.sh': 'true' });
  const clock = new ManualClock();
  const context = contextOf({ clock });
  const running = runFlow(context, flow(step('late', { delayMs: 500 })), nodes);
  await clock.settle();
  t.deepEqual(
    context.seen.map(({ type }) => type),
    ['stage-started', 'stage-started'],
  );
  clock.advance(500);
  await running;
  t.is(context.seen.filter(({ type }) => type === 'stage-finished').length, 2);
});

test('a step that stays is awaited until its line is seen, and ended with the flow', async (t) => {
  const nodes = await nodesWith(t, { 'stay.sh': 'echo soon; echo ready to serve; exec sleep 2002' });
  const outcome = await runFlow(contextOf(), flow(step('stay', { until: { line: 'ready' } })), nodes);
  t.deepEqual(outcome.steps, [{ step: 'stay', node: 'node1', status: 'running' }]);
  t.is((await systemProcesses.run(['pgrep', '-f', '-x', 'sleep 2002'])).code, 0);
  await outcome[Symbol.asyncDispose]();
  t.is((await systemProcesses.run(['pgrep', '-f', '-x', 'sleep 2002'])).code, 1);
});

test('a step that stays may also be seen by the port on which its node listens', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const nodes = await nodesWith(t, { 'stay.sh': 'exec sleep 2003' });
  const outcome = await runFlow(contextOf(), flow(step('stay', { until: { port } })), nodes);
  t.like(outcome, { status: 'done' });
  await outcome[Symbol.asyncDispose]();
  server.close();
});

test('a step that should stay and ends is an error; what stayed before it is ended', async (t) => {
  const nodes = await nodesWith(t, { 'stay.sh': 'echo up; exec sleep 2004', 'fall.sh': 'echo oops' });
  const steps = [step('stay', { until: { line: 'up' } }), step('fall', { until: { line: 'up' } })];
  await t.throwsAsync(runFlow(contextOf(), flow(...steps), nodes), {
    instanceOf: FlowStepError,
    message: /step fall of flow trial ended before it was seen at work/,
  });
  t.is((await systemProcesses.run(['pgrep', '-f', '-x', 'sleep 2004'])).code, 1);
});
