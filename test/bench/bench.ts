// SPDX-License-Identifier: MIT
import { Tool } from '../guest/tool.js';
import { interruptible } from '../run/interruptible.js';
import { bootFigures } from './boot.js';
import { buildFigures, helpFigure } from './command.js';
import { elasticFigures } from './elasticos.js';
import { type Figure, figureLine } from './figure.js';
import { primitiveFigures } from './primitives.js';
import { remoteFigures } from './remote.js';
import { virtualTimeFigures } from './virtual-time.js';
import { workloadFigures } from './workloads.js';

type Figures = (tool: Tool, kernel: string) => Promise<readonly Figure[]>;

/** What is measured, in order; each in machines of its own. */
const PARTS: ReadonlyMap<string, readonly Figures[]> = new Map([
  ['tool', [helpFigure, buildFigures, bootFigures, remoteFigures]],
  ['elasticos', [elasticFigures]],
  ['primitives', [primitiveFigures]],
  ['virtual-time', virtualTimeFigures],
  ['workloads', [workloadFigures]],
]);

const USAGE = `usage: npm run bench -- [LINE [PART...]]

Measures each figure beside something else that is done in the same run, and prints a line for each. A figure has a
bound, but none makes the command fail.

LINE   a kernel line; linux-6.1 when left out
PART   ${[...PARTS.keys()].join(', ')}; when left out, all but workloads, which takes half an hour
`;

function usageError(what: string): never {
  process.stderr.write(`bench: ${what}\n\n${USAGE}`);
  process.exit(64);
}

const words = process.argv.slice(2);
if (words.includes('--help') || words.includes('-h')) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const flag = words.find((word) => word.startsWith('-'));
if (flag !== undefined) usageError(`there is no flag ${flag}`);
const [kernel = 'linux-6.1', ...named] = words;
const parts = named.length > 0 ? named : ['tool', 'elasticos', 'primitives', 'virtual-time'];
const unknown = parts.find((part) => !PARTS.has(part));
if (unknown !== undefined) usageError(`there is no part ${unknown}`);

await interruptible(async (signal) => {
  await using tool = await Tool.make({}, signal);
  await tool.succeed('build', '--kernel', kernel);
  for (const part of parts)
    for (const figures of PARTS.get(part) ?? [])
      for (const figure of await figures(tool, kernel)) process.stdout.write(`${figureLine(figure)}\n`);
  return 0;
});
