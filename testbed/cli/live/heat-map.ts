// SPDX-License-Identifier: MIT
import type { PageCell, PageMap } from '../../api/watch/page-map.js';
import { dim, type Look, ofNode } from './paint.js';

/** Nobody has a page there: it was never written. */
const EMPTY = '.';
/** By how much of a piece the node has that has most of it. */
const SHADES: readonly [least: number, glyph: string][] = [
  [0.75, '█'],
  [0.5, '▓'],
  [0.25, '▒'],
];
const FAINT = '░';

/** A character of the map, and the place of the node whose colour it has. */
interface Glyph {
  readonly text: string;
  readonly node: number | undefined;
}

/**
 * A page map as text: a character for each piece of memory, in the order of addresses. In colour it has the colour of the
 * node that has most of the piece; without, the place of that node in the map's list, from 1.
 * @param rows most lines; pieces are joined until they fit
 */
export function drawHeatMap(map: PageMap, look: Look, rows: number): readonly string[] {
  const { cells, pages } = fitted(map, look.columns * Math.max(1, rows));
  const lines: string[] = [];
  for (let at = 0; at < cells.length; at += look.columns)
    lines.push(
      paintedRow(
        cells.slice(at, at + look.columns).map((here) => glyphOf(here, pages, look)),
        look,
      ),
    );
  return lines;
}

/** Joins neighbours until there are few enough. */
function fitted(
  { cells, cellPages }: PageMap,
  most: number,
): { cells: readonly PageCell['here'][]; pages: number } {
  const joined = Math.ceil(cells.length / most);
  if (joined <= 1) return { cells: cells.map(({ here }) => here), pages: cellPages };
  const fewer: number[][] = [];
  for (let at = 0; at < cells.length; at += joined)
    fewer.push(
      cells
        .slice(at, at + joined)
        .map(({ here }) => [...here])
        .reduce((sum, here) => sum.map((count, node) => count + (here[node] ?? 0))),
    );
  return { cells: fewer, pages: cellPages * joined };
}

function glyphOf(here: PageCell['here'], pages: number, { colour }: Look): Glyph {
  const most = Math.max(...here);
  if (most === 0) return { text: EMPTY, node: undefined };
  const node = here.indexOf(most);
  if (!colour) return { text: String(node + 1), node };
  const [, text] = SHADES.find(([least]) => most >= least * pages) ?? [0, FAINT];
  return { text, node };
}

/** Neighbours of one colour are painted together. */
function paintedRow(glyphs: readonly Glyph[], look: Look): string {
  let row = '';
  for (let at = 0; at < glyphs.length;) {
    const node = glyphs[at]?.node;
    let text = '';
    for (; at < glyphs.length && glyphs[at]?.node === node; at++) text += glyphs[at]?.text ?? '';
    row += node === undefined ? dim(look, text) : ofNode(look, node, text);
  }
  return row;
}
