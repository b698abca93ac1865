// SPDX-License-Identifier: MIT
/*
 * Draws the wings of testbed/house.json into docs/architecture.md. With --check it changes nothing, and fails when the
 * picture there is another one.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { wings } from './house.js';

const PAGE = fileURLToPath(new URL('../../docs/architecture.md', import.meta.url));
const BEGIN = '<!-- drawn from testbed/house.json by `npm run format`: begin -->';
const END = '<!-- drawn from testbed/house.json: end -->';

/** A box a wing, the top one first, with its folders in the order in which they may import. */
export function picture() {
  const width = Math.max(...wings.flatMap(({ folders }) => folders.map(({ name }) => name.length)));
  const boxes = wings.map(({ name, what, folders }) => {
    const rows = folders.map((folder) => `  ${folder.name.padEnd(width)}  ${folder.what}`);
    return [`${name}: ${what}`, ...rows].join('\n');
  });
  return ['```', boxes.join('\n        ↑\n'), '```'].join('\n');
}

/** @param {string} page */
function redrawn(page) {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no place for the picture`);
  return `${before}${BEGIN}\n\n${picture()}\n\n${END}${after}`;
}

const page = readFileSync(PAGE, 'utf8');
const current = redrawn(page);
if (!process.argv.includes('--check')) writeFileSync(PAGE, current);
else if (page !== current) {
  console.error('docs/architecture.md: the picture of the wings is stale. `npm run format` draws it anew.');
  process.exitCode = 1;
}
