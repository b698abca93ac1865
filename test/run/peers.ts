// SPDX-License-Identifier: MIT
import { systemClock } from '../../testbed/base/clock/clock.js';
import { TestbedError } from '../../testbed/base/error/testbed-error.js';
import type { TestbedEvent } from '../../testbed/base/event/event.js';
import { ensurePackages } from '../../testbed/base/host/packages.js';
import { systemPaths } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';

/** What the fast tests build programs of guests/ with. A testbed needs these too, and installs them itself. */
const BUILD_PACKAGES = ['gcc', 'libc6-dev', 'make', 'nettle-dev'] as const;

/** What lint and the tests hold the project against: real archivers, ssh servers, linters, tracers and a browser. The tool needs none of them. */
const PEERS = [
  'busybox',
  'chromium',
  'clang-format',
  'cpio',
  'dropbear-bin',
  'openssh-sftp-server',
  'shellcheck',
  'sparse',
  'trace-cmd',
] as const;

/** Installs both where that may be done. Where not, tests that want a peer are skipped, and say so. */
export async function installPeers(say: (line: string) => void): Promise<void> {
  const context = {
    processes: systemProcesses,
    clock: systemClock,
    events: (event: TestbedEvent): void => {
      if (event.type === 'notice') say(`# ${event.text}`);
    },
    signal: new AbortController().signal,
    offline: false,
    paths: systemPaths(),
  };
  try {
    await ensurePackages(context, [...BUILD_PACKAGES, ...PEERS], {
      install: true,
      root: process.getuid?.() === 0,
    });
  } catch (thrown) {
    if (!(thrown instanceof TestbedError)) throw thrown;
    say(`# ${thrown.message}`);
  }
}
