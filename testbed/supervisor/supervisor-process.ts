// SPDX-License-Identifier: MIT
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { systemClock } from '../base/clock/clock.js';
import { toErrorRecord } from '../base/error/error-record.js';
import { Broadcast } from '../base/event/broadcast.js';
import type { Context } from '../base/host/context.js';
import { systemPaths } from '../base/host/paths.js';
import { processStartTime } from '../base/host/process-identity.js';
import { DisposalStack } from '../base/lifecycle/disposal-stack.js';
import { systemProcesses } from '../base/process/system-processes.js';
import { InterruptedError } from '../base/lifecycle/interrupted-error.js';
import { Journal } from '../base/event/journal.js';
import { testbedPlace, writeRecord } from './registry.js';
import { Supervisor } from './supervisor.js';

/**
 * The supervisor's process. Its argument is the testbed's name. Standard input is its tether to the process that started
 * it: when that closes before the testbed is detached, the supervisor ends. It prints `listening` when its socket answers.
 */
async function supervise(name: string): Promise<void> {
  const paths = systemPaths();
  const place = testbedPlace(paths, name);
  await using things = new DisposalStack();
  const broadcast = new Broadcast();
  const journal = things.use(new Journal(join(place.folder, 'events.jsonl')));
  broadcast.subscribe(journal.sink);
  const interruption = new AbortController();
  setMaxListeners(0, interruption.signal);
  const context: Context = {
    paths,
    processes: systemProcesses,
    clock: systemClock,
    events: broadcast.sink,
    signal: interruption.signal,
    offline: true,
  };
  const supervisor = things.use(new Supervisor(context, place, broadcast));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interruption.abort(new InterruptedError(signal));
    });
  }
  tether(supervisor, interruption);
  await supervisor.listen();
  await writeRecord(place, {
    name,
    pid: process.pid,
    startTime: (await processStartTime(process.pid)) ?? '',
    since: supervisor.since.toISOString(),
  });
  process.stdout.write('listening\n');
  await aborted(AbortSignal.any([interruption.signal, supervisor.ended]));
}

function tether(supervisor: Supervisor, interruption: AbortController): void {
  process.stdout.on('error', () => undefined);
  process.stdin.resume();
  process.stdin.on('error', () => undefined);
  process.stdin.once('close', () => {
    const { state } = supervisor;
    if (state.kind !== 'up' || !state.detached) interruption.abort(new InterruptedError('client'));
  });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

try {
  await supervise(process.argv[2] ?? 'default');
} catch (thrown) {
  process.stderr.write(`${JSON.stringify(toErrorRecord(thrown))}\n${String((thrown as Error).stack)}\n`);
  process.exitCode = 70;
}
process.exit();
