// SPDX-License-Identifier: MIT
import { Tool } from '../guest/tool.js';
import { bootFigures } from './boot.js';
import { buildFigures, helpFigure } from './command.js';
import { type Figure, figureLine } from './figure.js';
import { remoteFigures } from './remote.js';

/**
 * `npm run bench [-- LINE]`: what the tool costs, each figure against something else that is done in the same run. Prints a
 * line for each and exits with 0 whatever they are: a benchmark is read, not passed.
 */
const kernel = process.argv[2] ?? 'linux-6.1';

function print(figures: readonly Figure[]): void {
  for (const figure of figures) process.stdout.write(`${figureLine(figure)}\n`);
}

{
  await using tool = await Tool.make();
  await tool.succeed('build', '--kernel', kernel);
  print([await helpFigure(tool)]);
  print(await buildFigures(tool, kernel));
  print(await bootFigures(tool, kernel));
  print(await remoteFigures(tool, kernel));
}
process.exit();
