// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  AlreadyUpError,
  NotRunningError,
  RelayedError,
  RequestError,
  ScenarioMissingError,
  Testbed,
  type TestbedEvent,
} from 'elasticos-testbed';
import { openContext } from '../../testbed/api/context/open-context.js';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { withDeadline } from '../../testbed/base/clock/deadline.js';
import type { Exit, RunningProcess } from '../../testbed/base/process/process-runner.js';
import { testbedPlace } from '../../testbed/supervisor/registry.js';
import { launchSupervisor } from '../../testbed/supervisor/start-supervisor.js';
import { temporaryFolder } from '../products/image/test-context.js';

/** Places of the test's own, so that it meets no testbed of the user's. */
async function places(t: ExecutionContext): Promise<{ state: string; runtime: string; results: string }> {
  const folder = await temporaryFolder(t);
  return { state: join(folder, 'state'), runtime: join(folder, 'run'), results: join(folder, 'results') };
}

/** A supervisor does not keep our process from ending; the deadline does while we wait. */
async function endOf(supervisor: RunningProcess): Promise<Exit> {
  const wait = { what: 'the end of the supervisor', deadlineMs: 20_000, clock: systemClock };
  return await withDeadline(wait, async () => supervisor.exited);
}

test('a name that cannot stand in paths is refused', (t) => {
  const error = t.throws(() => new Testbed({ name: '../etc' }), { instanceOf: RequestError });
  t.is(error.nextStep, 'Names have 1 to 32 lower-case letters, digits and dashes.');
});

test('where nothing runs there is nothing to attach to, and nothing to end', async (t) => {
  const testbed = new Testbed({ paths: await places(t) });
  await t.throwsAsync(testbed.attach(), { instanceOf: NotRunningError });
  await t.throwsAsync(testbed.status(), { instanceOf: NotRunningError });
  t.false(await testbed.isUp());
  t.false(await testbed.down());
});

test('a testbed that boots no guest yet has a status, and cannot be attached to or brought up twice', async (t) => {
  const paths = await places(t);
  const context = openContext({ paths });
  const testbed = new Testbed({ paths, name: 'empty' });
  await using supervisor = await launchSupervisor(context, testbedPlace(context.paths, 'empty'));
  t.like(await testbed.status(), { name: 'empty', state: 'empty', nodes: [] });
  t.false(await testbed.isUp());
  const error = await t.throwsAsync(testbed.attach(), { instanceOf: RelayedError });
  t.is(error.code, 'E_NOT_UP_YET');
  await t.throwsAsync(testbed.up(), { instanceOf: AlreadyUpError });
  t.true(await testbed.down());
  t.is((await endOf(supervisor)).code, 0);
});

test('what a killed supervisor left behind is cleared, and told', async (t) => {
  const paths = await places(t);
  const context = openContext({ paths });
  const told: TestbedEvent[] = [];
  const testbed = new Testbed({ paths, onEvent: (event) => told.push(event) });
  await using supervisor = await launchSupervisor(context, testbedPlace(context.paths, 'default'));
  supervisor.kill('SIGKILL');
  await endOf(supervisor);
  await t.throwsAsync(testbed.attach(), { instanceOf: NotRunningError });
  t.deepEqual(told, [], 'who only looks clears nothing');
  t.false(await testbed.down());
  t.like(told, [{ type: 'notice', text: 'cleared what a killed supervisor of default left behind' }]);
});

test('a request for machines that cannot be is refused before anything is built', async (t) => {
  const testbed = new Testbed({ paths: await places(t) });
  await t.throwsAsync(testbed.up({ nodes: 17 }), { message: 'nodes is a number from 1 to 16, not 17' });
  await t.throwsAsync(testbed.up({ memory: 'much' }), { code: 'E_QUANTITY' });
  await t.throwsAsync(testbed.up({ memory: 0 }), { message: 'memory is 0; a guest takes 32M at the least' });
  await t.throwsAsync(testbed.up({ memory: '31M' }), { instanceOf: RequestError });
  await t.throwsAsync(testbed.up({ memory: NaN }), { instanceOf: RequestError });
  await t.throwsAsync(testbed.up({ scenario: 'no-such' }), { instanceOf: ScenarioMissingError });
  await t.throwsAsync(testbed.up({ scenario: 'virtual-time' }), { code: 'E_HOST_INPUT' });
});

test('a signal that is aborted ends a call, with its reason', async (t) => {
  const reason = new Error('enough');
  const everything = new Testbed({ paths: await places(t), signal: AbortSignal.abort(reason) });
  t.is(await t.throwsAsync(everything.up()), reason);
  const one = new Testbed({ paths: await places(t) });
  t.is(await t.throwsAsync(one.up({}, { signal: AbortSignal.abort(reason) })), reason);
});

test('a plan has what was asked for in the scenario’s stead, and nothing else', async (t) => {
  const testbed = new Testbed({ paths: await places(t) });
  const plan = await testbed.plan('smoke', { only: 'count-sort', repeats: 2 });
  t.deepEqual(plan.overrides, { repeats: 2, only: 'count-sort' });
  t.true(plan.cells.every(({ workload }) => workload === 'count-sort'));
});
