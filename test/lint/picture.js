// SPDX-License-Identifier: MIT
/*
 * Draws the wings of testbed/house.json into docs/architecture.md. With --check it changes nothing, and fails when the
 * picture there is another one.
 */
import { wings } from './house.js';
import { keepParts } from './made-part.js';

const BEGIN = '<!-- drawn from testbed/house.json by `npm run format`: begin -->';
const END = '<!-- drawn from testbed/house.json: end -->';

/** A box a wing, the top one first, with its folders in the order in which they may import. */
function picture() {
  const width = Math.max(...wings.flatMap(({ folders }) => folders.map(({ name }) => name.length)));
  const boxes = wings.map(({ name, what, folders }) => {
    const rows = folders.map((folder) => `  ${folder.name.padEnd(width)}  ${folder.what}`);
    return [`${name}: ${what}`, ...rows].join('\n');
  });
  return ['```', boxes.join('\n        ↑\n'), '```'].join('\n');
}

keepParts('docs/architecture.md', [{ begin: BEGIN, end: END, text: picture() }]);
