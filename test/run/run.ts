// SPDX-License-Identifier: MIT
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { KERNELS_VARIABLE } from '../guest/kernels-at-hand.js';
import { installPeers } from './peers.js';
import { prepareKernels } from './prepare.js';
import { Tally } from './tally.js';

/**
 * `npm test`: the fast tests side by side, then the guest tests one file after the other (two cores carry one pair of
 * guests, not several), and last the closing line with what was skipped and why. Arguments: `unit` or `guest` for one
 * of the two, then patterns of test titles for ava's --match.
 */
const SUITES = {
  unit: { files: 'dist/test/!(guest)/**/*.test.js', concurrency: [] },
  guest: { files: 'dist/test/guest/**/*.test.js', concurrency: ['--concurrency', '1', '--timeout', '20m'] },
} as const;

type SuiteName = keyof typeof SUITES;

async function runSuite(
  name: SuiteName,
  matches: readonly string[],
  tally: Tally,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const { files, concurrency } = SUITES[name];
  const root = projectRoot();
  const ava = join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');
  await using process_ = await systemProcesses.start(
    [process.execPath, ava, '--tap', ...concurrency, ...matches.map((match) => `--match=${match}`), files],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], orphan: 'dies', env },
  );
  tally.begin();
  if (process_.stdout !== undefined) {
    for await (const line of createInterface({ input: process_.stdout })) say(tally.take(line));
  }
  const exit = await process_.exited;
  // A file that crashes, or in which no test was found, shows in the status only.
  if (exit.code !== 0 && tally.failed === 0)
    tally.crash(`${name} tests ended with status ${String(exit.code)}`);
}

function say(line: string | undefined): void {
  if (line !== undefined) process.stdout.write(`${line}\n`);
}

const tally = new Tally(systemClock);

async function guestEnvironment(): Promise<Readonly<Record<string, string>>> {
  try {
    return { [KERNELS_VARIABLE]: JSON.stringify(await prepareKernels(say)) };
  } catch (thrown) {
    tally.crash(thrown instanceof Error ? thrown.message : String(thrown));
    return { [KERNELS_VARIABLE]: '[]' };
  }
}

const [first, ...rest] = process.argv.slice(2);
const only = first === 'unit' || first === 'guest' ? first : undefined;
const matches = only === undefined ? process.argv.slice(2) : rest;
const suites: readonly SuiteName[] = only === undefined ? ['unit', 'guest'] : [only];
await installPeers(say);
for (const name of suites) {
  say(`# ${name} tests`);
  await runSuite(name, matches, tally, name === 'guest' ? await guestEnvironment() : {});
}
for (const line of tally.summary()) say(line);
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;
