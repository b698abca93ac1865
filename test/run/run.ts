// SPDX-License-Identifier: MIT
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { KERNELS_VARIABLE } from '../guest/kernels-at-hand.js';
import { Ava } from './ava.js';
import { sideBySide } from './lanes.js';
import { installPeers } from './peers.js';
import { prepareKernels } from './prepare.js';
import { Tally } from './tally.js';

/**
 * `npm test`: the fast tests side by side, then the files of guest tests in two lanes, and last the closing line with what
 * was skipped and why. Arguments: `unit` or `guest` for one of the two, then patterns of test titles for ava's --match.
 */

/** A lane has two or three guests, of which one waits for another most of the time. */
const LANES = Math.min(2, availableParallelism());

/** Keeps all processors busy on purpose, so it comes last and has them to itself. */
const ALONE = 'virtual-time.test.js';

const root = projectRoot();
const tally = new Tally();

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function unitTests(matches: readonly string[]): Promise<void> {
  say('# unit tests');
  await new Ava({ root, tally, clock: systemClock, say }).run(['dist/test/!(guest)/**/*.test.js'], {
    matches,
  });
}

async function guestTests(matches: readonly string[]): Promise<void> {
  say('# guest tests');
  const ava = new Ava({ root, tally, clock: systemClock, say, env: await guestEnvironment() });
  const folder = join('dist', 'test', 'guest');
  const runFile = async (file: string): Promise<void> => {
    const prefix = `${file.replace(/\.test\.js$/, '')} › `;
    await ava.run([join(folder, file)], { matches, prefix, oneByOne: true });
  };
  const files = (await readdir(join(root, folder))).filter((name) => name.endsWith('.test.js')).sort();
  await sideBySide(
    LANES,
    files.filter((name) => name !== ALONE),
    runFile,
  );
  await runFile(ALONE);
}

async function guestEnvironment(): Promise<Readonly<Record<string, string>>> {
  try {
    return { [KERNELS_VARIABLE]: JSON.stringify(await prepareKernels(say)) };
  } catch (thrown) {
    tally.fail(thrown instanceof Error ? thrown.message : String(thrown));
    return { [KERNELS_VARIABLE]: '[]' };
  }
}

const [first, ...rest] = process.argv.slice(2);
const only = first === 'unit' || first === 'guest' ? first : undefined;
const matches = only === undefined ? process.argv.slice(2) : rest;
await installPeers(say);
if (only !== 'guest') await unitTests(matches);
if (only !== 'unit') await guestTests(matches);
if (tally.isEmpty) tally.fail('no test has such a title');
for (const line of tally.summary()) say(line);
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;
