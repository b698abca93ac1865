// SPDX-License-Identifier: MIT
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { ExitCode } from '../../testbed/base/error/exit-code.js';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import type { KernelsAtHand, VariantAtHand } from '../guest/kernels-at-hand.js';

const LINES = ['linux-2.6.38.8', 'linux-6.1'] as const;
const VARIANTS = ['release', 'debug'] as const;

/**
 * Builds every kernel that the guest tests boot, with the tool itself, so that the tests' own times are not those of a
 * compiler. A line whose source cannot be had is a reason to skip; any other failure is a failure.
 * @throws Error when a build fails, or a line that TESTBED_REQUIRE names cannot be had
 */
export async function prepareKernels(say: (line: string) => void): Promise<KernelsAtHand> {
  const atHand: VariantAtHand[] = [];
  for (const line of LINES) {
    for (const variant of VARIANTS) {
      const missing = await prepare(line, variant, say);
      if (missing !== undefined && required(line)) throw new Error(`${line} is required: ${missing}`);
      atHand.push({ line, variant, ...(missing === undefined ? {} : { missing }) });
    }
  }
  return atHand;
}

/** TESTBED_REQUIRE=2.6.38.8,6.1 */
function required(line: string): boolean {
  const names = (process.env['TESTBED_REQUIRE'] ?? '').split(',').map((name) => name.trim());
  return names.some((name) => name !== '' && (line === name || line === `linux-${name}`));
}

/** @returns why its source cannot be had; undefined when it is built */
async function prepare(
  line: string,
  variant: 'release' | 'debug',
  say: (line: string) => void,
): Promise<string | undefined> {
  const launcher = join(projectRoot(), 'testbed', 'cli', 'launch.mjs');
  const flags = variant === 'debug' ? ['--debug'] : [];
  await using build = await systemProcesses.start(
    [process.execPath, launcher, 'build', '--kernel', line, ...flags],
    { stdio: ['ignore', 'ignore', 'pipe'], orphan: 'dies', env: { CI: 'true' } },
  );
  const last: string[] = [];
  if (build.stderr !== undefined) {
    for await (const text of createInterface({ input: build.stderr })) {
      say(text);
      last.push(text);
      if (last.length > 10) last.shift();
    }
  }
  const { code } = await build.exited;
  if (code === 0) return undefined;
  const message = last.find((text) => text.startsWith('testbed: ')) ?? `status ${String(code)}`;
  if (code === ExitCode.Source) return message.replace('testbed: ', '');
  throw new Error(`building ${line} (${variant}): ${message}`);
}
