// SPDX-License-Identifier: MIT
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { systemPaths, type Paths } from '../../../testbed/base/host/paths.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';

/** A folder that goes with the test. */
export async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'testbed-image-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Real processes and a real clock; by default the user's own places. */
export function testContext(
  changes: Partial<Omit<Context, 'paths'>> & { paths?: Partial<Paths> } = {},
): Context {
  return {
    processes: systemProcesses,
    clock: systemClock,
    events: () => undefined,
    signal: new AbortController().signal,
    offline: false,
    ...changes,
    paths: { ...systemPaths(), ...changes.paths },
  };
}
