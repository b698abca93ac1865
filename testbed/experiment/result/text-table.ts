// SPDX-License-Identifier: MIT

export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly text: (row: Row) => string;
}

/** Lines of a table with a ruled heading; `undefined` among the rows draws a gap. */
export function textTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly (Row | undefined)[],
): readonly string[] {
  const body = rows.map((row) => row && columns.map(({ text }) => text(row)));
  const head = columns.map(({ title }) => title);
  const widths = columns.map((_, at) =>
    Math.max(...[head, ...body].map((cells) => cells?.[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, at) => {
        const [text, width] = [cells[at] ?? '', widths[at] ?? 0];
        return align === 'left' ? text.padEnd(width) : text.padStart(width);
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(head), rule, ...body.map((cells) => (cells === undefined ? '' : line(cells)))];
}
