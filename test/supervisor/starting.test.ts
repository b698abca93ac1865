// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Testbed } from 'elasticos-testbed';
import { openContext } from '../../testbed/api/context/open-context.js';
import { clean } from '../../testbed/cli/commands/clean.js';
import { list } from '../../testbed/cli/commands/list.js';
import type { Invocation, Session } from '../../testbed/cli/command/command.js';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { withDeadline } from '../../testbed/base/clock/deadline.js';
import type { RunningProcess } from '../../testbed/base/process/process-runner.js';
import type { Context } from '../../testbed/base/host/context.js';
import {
  makePlace,
  removeDeadRuns,
  removePlace,
  testbedPlace,
  type TestbedPlace,
} from '../../testbed/supervisor/registry.js';
import { launchSupervisor } from '../../testbed/supervisor/start-supervisor.js';
import { temporaryFolder } from '../products/image/test-context.js';

/** Starts of a supervisor that are tried; each passes through all states in which it could be disturbed. */
const STARTS = 3;

async function host(t: ExecutionContext): Promise<Context> {
  const folder = await temporaryFolder(t);
  const places = ['state', 'runtime', 'results', 'cache'].map((name) => [name, join(folder, name)]);
  return openContext({ paths: Object.fromEntries(places) as Record<string, string> });
}

/** Does something over and over while `body` runs. @returns how often */
async function beside(
  body: () => Promise<void>,
  works: readonly (() => Promise<unknown>)[],
): Promise<number[]> {
  const over = new AbortController();
  const again = works.map(async (work) => {
    let times = 0;
    for (; !over.signal.aborted; times += 1) await work();
    return times;
  });
  try {
    await Promise.race([body(), ...again]);
  } finally {
    over.abort();
  }
  return await Promise.all(again);
}

/** A supervisor does not keep our process from ending; the deadline does while we wait. */
async function endOf(supervisor: RunningProcess): Promise<void> {
  const wait = { what: 'the end of the supervisor', deadlineMs: 60_000, clock: systemClock };
  await withDeadline(wait, async () => supervisor.exited);
}

/** A session of a command whose output nobody reads. */
function session(context: Context): Session {
  const silent = (): void => undefined;
  const output = { json: true, terminal: false, line: silent, object: silent, remark: silent };
  return { context, output, subscribe: () => silent };
}

const BARE: Invocation = {
  positionals: [],
  rest: [],
  flag: () => false,
  text: () => undefined,
  texts: () => [],
};

test('list, status and clean beside a supervisor that starts do it no harm', async (t) => {
  const context = await host(t);
  const place = testbedPlace(context.paths, 'default');
  const testbed = new Testbed({ paths: context.paths });
  const asked = async (): Promise<void> => {
    await testbed.status().catch((thrown: unknown) => {
      const { code } = thrown as { readonly code?: unknown };
      if (code !== 'E_NOT_RUNNING') throw thrown;
    });
  };
  const starts = async (): Promise<void> => {
    for (let start = 0; start < STARTS; start += 1) {
      await using supervisor = await launchSupervisor(context, place);
      t.is((await testbed.status()).supervisorPid, supervisor.pid);
      t.true(await testbed.down());
      await endOf(supervisor);
    }
  };
  const listed = async (): Promise<unknown> => list(BARE, session(context));
  const cleaned = async (): Promise<unknown> => clean(BARE, session(context));
  const times = await beside(starts, [asked, listed, cleaned]);
  t.true(Math.min(...times) > 0);
});

test('a place is removed when its supervisor has ended, and not before', async (t) => {
  const context = await host(t);
  const place = testbedPlace(context.paths, 'default');
  await using supervisor = await launchSupervisor(context, place);
  await removePlace(context, place);
  t.true(existsSync(place.socket));
  supervisor.kill('SIGKILL');
  await endOf(supervisor);
  await removePlace(context, place);
  t.deepEqual(left(place), []);
});

test('a place whose sockets would have too long paths is refused, with their length', async (t) => {
  const context = await host(t);
  const runtime = `/tmp/${'x'.repeat(90)}`;
  await t.throwsAsync(makePlace(testbedPlace({ ...context.paths, runtime }, 'default')), {
    code: 'E_UNUSABLE_PATH',
    message: /sockets in it have paths of 127 bytes, and Linux allows 107$/,
  });
});

test('what a killed run left is cleared, and a testbed that is down is not', async (t) => {
  const context = await host(t);
  const [run, kept] = [testbedPlace(context.paths, 'run-12-1'), testbedPlace(context.paths, 'run-of-mine')];
  await makePlace(run);
  await makePlace(kept);
  await removeDeadRuns(context);
  t.deepEqual(left(run), []);
  t.true(existsSync(kept.folder));
});

function left({ folder, sockets, lock }: TestbedPlace): readonly string[] {
  return [folder, sockets, lock].filter((path) => existsSync(path));
}
