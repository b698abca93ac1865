// SPDX-License-Identifier: MIT
import type { Run, RunCell } from './load-run.js';
import { countsOf } from './summary.js';

/**
 * A run as JUnit XML: a test case for each cell of the plan. `failed` and `invalid` cells are failures; cells in error, and
 * those that were not run, are errors.
 */
export function junitOf({ record, cells }: Run): string {
  const counts = countsOf(cells.map(({ result }) => result));
  const totals = {
    name: record.plan.scenario.name,
    tests: cells.length,
    failures: counts.failed + counts.invalid,
    errors: counts.error + counts.missing,
    time: seconds(cells.reduce((sum, { result }) => sum + (result?.wallSeconds ?? 0), 0)),
  };
  const suite = {
    ...totals,
    timestamp: record.startedAt.replace(/\.\d+Z$/, ''),
    hostname: record.kernel.release,
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes(totals)}>`,
    `  <testsuite${attributes(suite)}>`,
    ...cells.map((each) => testCase(record.plan.scenario.name, each)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(scenario: string, { cell, result }: RunCell): string {
  const named = {
    classname: `${scenario}.${cell.system}.${cell.workload}`,
    name: cell.id,
    time: seconds(result?.wallSeconds ?? 0),
  };
  const trouble = troubleOf(result);
  if (trouble === undefined) return `    <testcase${attributes(named)}/>`;
  const { element, message, type, text } = trouble;
  return [
    `    <testcase${attributes(named)}>`,
    `      <${element}${attributes({ message, type })}>${escaped(text)}</${element}>`,
    '    </testcase>',
  ].join('\n');
}

interface Trouble {
  readonly element: 'failure' | 'error';
  readonly message: string;
  readonly type: string;
  readonly text: string;
}

function troubleOf(result: RunCell['result']): Trouble | undefined {
  if (result === undefined) return { element: 'error', message: 'not run', type: 'missing', text: '' };
  const { status, reason = '', error, consoles } = result;
  if (status === 'ok') return undefined;
  return {
    element: status === 'error' ? 'error' : 'failure',
    message: reason,
    type: error?.code ?? status,
    text: [...(error?.excerpt ?? []), ...consoles].join('\n'),
  };
}

function seconds(value: number): string {
  return value.toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Characters that XML 1.0 does not allow, such as a console's escape sequences, become U+FFFD. */
function escaped(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- these are the characters that XML forbids
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
  );
}
