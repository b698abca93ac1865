// SPDX-License-Identifier: MIT
/*
 * Reads every page of Markdown: no line is longer than 100 columns, tables excepted, and every link within the project
 * leads to a file that is there and to a heading that it has. Prettier wraps the prose; what stands in code blocks it
 * leaves as it is. Arguments: pages; all of the project when there is none.
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const COLUMNS = 100;
const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const NOT_OURS = new Set(['.git', 'dist', 'node_modules', 'results']);

/** @param {string} folder @returns {string[]} */
function pagesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : pagesBelow(path);
    return extname(path) === '.md' ? [path] : [];
  });
}

/**
 * The lines of a page, each with its number, and whether it is prose or stands in a code block.
 * @param {string} page
 */
function linesOf(page) {
  let inCode = false;
  return readFileSync(page, 'utf8')
    .split('\n')
    .map((text, i) => {
      const fence = /^\s*```/.test(text);
      if (fence) inCode = !inCode;
      return { text, number: i + 1, prose: !inCode && !fence };
    });
}

/** @param {string} page the anchors of its headings, as GitHub makes them */
function anchorsOf(page) {
  const anchors = new Set();
  for (const { text, prose } of linesOf(page)) {
    const heading = /^#{1,6} (.*)$/.exec(text)?.[1];
    if (heading === undefined || !prose) continue;
    const anchor = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(' ', '-');
    let unique = anchor;
    for (let again = 1; anchors.has(unique); again += 1) unique = `${anchor}-${String(again)}`;
    anchors.add(unique);
  }
  return anchors;
}

/** @param {string} page @param {string} target as the page writes it @returns {string | undefined} what is wrong */
function wrongWith(page, target) {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path, anchor] = target.split('#');
  const file = path === '' ? page : resolve(dirname(page), path);
  if (!existsSync(file)) return `${target}: there is no ${relative(PROJECT, file)}`;
  if (anchor === undefined || !statSync(file).isFile() || anchorsOf(file).has(anchor)) return undefined;
  return `${target}: ${relative(PROJECT, file)} has no heading for #${anchor}`;
}

/** @param {string} page @returns {string[]} */
function complaintsAbout(page) {
  return linesOf(page).flatMap(({ text, number, prose }) => {
    const at = `${relative(PROJECT, page)}:${String(number)}:`;
    const complaints = [];
    const table = prose && text.startsWith('|');
    if (!table && [...text].length > COLUMNS)
      complaints.push(`${at} ${String([...text].length)} columns, at most ${String(COLUMNS)}`);
    if (!prose) return complaints;
    for (const [, target] of text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)) {
      const wrong = wrongWith(page, target);
      if (wrong !== undefined) complaints.push(`${at} ${wrong}`);
    }
    return complaints;
  });
}

const given = process.argv.slice(2).map((page) => resolve(page));
const complaints = (given.length > 0 ? given : pagesBelow(PROJECT)).flatMap(complaintsAbout);
for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;
