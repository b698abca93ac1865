// SPDX-License-Identifier: MIT
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { withDeadline } from '../base/clock/deadline.js';
import type { Context } from '../base/host/context.js';
import { acquireLock, type Lock } from '../base/host/lock.js';
import { type Isolation, planNetwork, probeNetwork } from '../machines/network/capabilities.js';
import type { ArgumentVector, RunningProcess } from '../base/process/process-runner.js';
import { SupervisorLostError } from './errors.js';
import { clearHeld, makePlace, type TestbedPlace } from './registry.js';

/** Time for a process of Node.js to start and listen, on a loaded machine. */
const START_MS = 20_000;

/**
 * Starts a testbed's supervisor, in a network namespace of its own where the host allows it. Until the testbed is
 * detached, closing the standard input of the returned process ends the testbed. Our own process may end before it.
 * What a killed supervisor left at the place is cleared. One that is about to end is waited for.
 * @throws SupervisorLostError when it ends before it listens
 * @throws DeadlineError when it does not listen in time
 */
export async function launchSupervisor(context: Context, place: TestbedPlace): Promise<RunningProcess> {
  const { isolation } = planNetwork(await probeNetwork(context));
  const purpose = `running testbed ${place.name}`;
  await using lock = await acquireLock(context, place.lock, { wait: 'queue', purpose });
  await clearHeld(context, place);
  await makePlace(place);
  const supervisor = await startSupervisor(context, place, isolation, lock);
  await lock.handOver();
  supervisor.unref();
  return supervisor;
}

async function startSupervisor(
  context: Context,
  place: TestbedPlace,
  isolation: Isolation,
  lock: Lock,
): Promise<RunningProcess> {
  const logPath = join(place.folder, 'supervisor.log');
  const log = await open(logPath, 'a');
  try {
    const main = join(context.paths.project, 'dist', 'testbed', 'supervisor', 'supervisor-process.js');
    const argv: ArgumentVector = isolated(isolation, [process.execPath, main, place.name]);
    const supervisor = await context.processes.start(argv, {
      stdio: ['pipe', 'pipe', log.fd, lock.descriptor],
      orphan: 'survives',
      // In a user namespace the process is root and would look for other folders.
      env: {
        TESTBED_CACHE: context.paths.cache,
        TESTBED_STATE: context.paths.state,
        TESTBED_RUNTIME: context.paths.runtime,
      },
    });
    try {
      await listening(context, supervisor, logPath);
      return supervisor;
    } catch (thrown) {
      await supervisor[Symbol.asyncDispose]();
      throw thrown;
    }
  } finally {
    await log.close();
  }
}

function isolated(isolation: Isolation, argv: ArgumentVector): ArgumentVector {
  switch (isolation) {
    case 'namespace':
      return ['unshare', '--net', '--', ...argv];
    case 'user-namespace':
      return ['unshare', '--user', '--map-root-user', '--net', '--', ...argv];
    case 'none':
      return argv;
  }
}

async function listening(context: Context, supervisor: RunningProcess, log: string): Promise<void> {
  const wait = {
    what: "the supervisor's start",
    deadlineMs: START_MS,
    clock: context.clock,
    signal: context.signal,
  };
  await withDeadline(wait, async () => {
    if (supervisor.stdout === undefined) throw new SupervisorLostError('has no output', { log });
    for await (const line of createInterface({ input: supervisor.stdout })) if (line === 'listening') return;
    throw new SupervisorLostError('ended before it listened', { log });
  });
}
