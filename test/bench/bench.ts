// SPDX-License-Identifier: MIT
import { Tool } from '../guest/tool.js';
import { interruptible } from '../run/interruptible.js';
import { bootFigures } from './boot.js';
import { buildFigures, helpFigure } from './command.js';
import { elasticFigures } from './elasticos.js';
import { type Figure, figureLine } from './figure.js';
import { remoteFigures } from './remote.js';
import { virtualTimeFigures } from './virtual-time.js';
import { workloadFigures } from './workloads.js';

type Figures = (tool: Tool, kernel: string) => Promise<readonly Figure[]>;

/** What is measured, in order; each in machines of its own. */
const PARTS: ReadonlyMap<string, readonly Figures[]> = new Map([
  ['tool', [helpFigure, buildFigures, bootFigures, remoteFigures]],
  ['elasticos', [elasticFigures]],
  ['virtual-time', virtualTimeFigures],
  ['workloads', [workloadFigures]],
]);

/**
 * `npm run bench [-- LINE [PART...]]`: each figure against something else that is done in the same run. Prints a line
 * for each and exits with 0 whatever they are: a benchmark is read, not passed. All parts but `workloads`, which takes half
 * an hour, unless some are named.
 */
const [kernel = 'linux-6.1', ...named] = process.argv.slice(2);
const parts = named.length > 0 ? named : ['tool', 'elasticos', 'virtual-time'];
const unknown = parts.find((part) => !PARTS.has(part));

if (unknown !== undefined) {
  process.stderr.write(`bench: ${unknown} is none of ${[...PARTS.keys()].join(', ')}\n`);
  process.exit(64);
}
await interruptible(async (signal) => {
  await using tool = await Tool.make({}, signal);
  await tool.succeed('build', '--kernel', kernel);
  for (const part of parts)
    for (const figures of PARTS.get(part) ?? [])
      for (const figure of await figures(tool, kernel)) process.stdout.write(`${figureLine(figure)}\n`);
  return 0;
});
