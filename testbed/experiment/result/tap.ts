// SPDX-License-Identifier: MIT
import type { Run, RunCell } from './load-run.js';

/** A run as TAP version 14: a test point for each cell of the plan, in its order. A cell that was not run is not ok. */
export function tapOf({ cells }: Pick<Run, 'cells'>): string {
  const points = cells.flatMap((each, at) => testPoint(each, at + 1));
  return `${['TAP version 14', `1..${cells.length}`, ...points].join('\n')}\n`;
}

function testPoint({ cell, result }: RunCell, number: number): readonly string[] {
  const ok = result?.status === 'ok';
  return [
    `${ok ? 'ok' : 'not ok'} ${number} - ${escaped(cell.id)}`,
    '  ---',
    ...diagnostic(result).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
    '  ...',
  ];
}

/** JSON strings and numbers are YAML, too. */
function diagnostic(result: RunCell['result']): readonly (readonly [string, string | number | boolean])[] {
  if (result === undefined) return [['status', 'missing']];
  const { status, reason, measurement, consoles } = result;
  const elapsed = measurement?.report?.elapsedNanoseconds;
  return [
    ['status', status],
    ...(reason === undefined ? [] : [['reason', reason] as const]),
    ...(elapsed === undefined ? [] : [['elapsed_ns', elapsed] as const]),
    ...(measurement === undefined ? [] : [['noisy', measurement.host.noisy] as const]),
    ...(status === 'ok' ? [] : consoles.map((path, at) => [`console${at + 1}`, path] as const)),
  ];
}

/** A # would begin a directive. */
function escaped(description: string): string {
  return description.replaceAll('\\', '\\\\').replaceAll('#', '\\#');
}
