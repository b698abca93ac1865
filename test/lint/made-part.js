// SPDX-License-Identifier: MIT
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROJECT = new URL('../../', import.meta.url);

/**
 * A part of a page of Markdown that is made from something else. It stands between two comments, which name its source.
 * @typedef {{ begin: string, end: string, text: string }} MadePart
 */

/**
 * Puts parts into a page. With --check it changes nothing, and the process fails when the page has other ones.
 * @param {string} path of the page, from the project's root @param {readonly MadePart[]} parts
 */
export function keepParts(path, parts) {
  const file = fileURLToPath(new URL(path, PROJECT));
  const page = readFileSync(file, 'utf8');
  const current = parts.reduce((text, part) => withPart(path, text, part), page);
  if (page === current) return;
  if (!process.argv.includes('--check')) writeFileSync(file, current);
  else {
    console.error(
      `${path}: a part that is made from other files is stale. \`npm run format\` makes it anew.`,
    );
    process.exitCode = 1;
  }
}

/** @param {string} path @param {string} page @param {MadePart} part */
function withPart(path, page, { begin, end, text }) {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end).slice(1).join(end);
  if (before === undefined || after === undefined || !rest?.includes(end))
    throw new Error(`${path} has no place between ${begin} and ${end}`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}
