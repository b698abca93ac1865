// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';

/**
 * @typedef {{ name: string, what: string }} Folder below testbed/
 * @typedef {{ name: string, what: string, folders: readonly Folder[] }} Wing
 */

/** The wings of testbed/ from top to bottom, and the folders of each in the order in which they may import. */
export const wings = /** @type {{ wings: readonly Wing[] }} */ (
  JSON.parse(readFileSync(new URL('../../testbed/house.json', import.meta.url), 'utf8'))
).wings;

/** All folders, top to bottom, each with the wing that it is in. */
export const folders = wings.flatMap((wing) =>
  wing.folders.map((folder) => ({ ...folder, wing: wing.name })),
);
