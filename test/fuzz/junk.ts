// SPDX-License-Identifier: MIT
import type { Random } from './random.js';

/** Words that programs have stumbled over. */
export const ODD_WORDS: readonly string[] = [
  ...['', ' ', '-', '--', '-1', '0', '00', '1', '1.5', '1e9', '1e400', 'NaN', 'Infinity', '0x10'],
  ...['99999999999999999999', '9007199254740993', '-0', '+1', '１'],
  ...['lots', 'junk', 'true', 'null', 'auto', 'default', 'latest', 'constructor', '__proto__', 'toString'],
  ...[
    '.',
    '..',
    '/',
    '../..',
    '/dev/null',
    '/proc/self/mem',
    '/nosuch/x',
    'a/b/c',
    './a:b',
    'node1:/x',
    ':',
    'x:',
  ],
  ...[
    'node1',
    'node9',
    'node0',
    'linux-6.1',
    'linux-6.1=x',
    '=',
    'a=',
    '#',
    'a#b',
    '64M',
    '0M',
    '1K',
    '16G',
    '1x',
  ],
  ...[
    'é',
    '\u0000',
    '\ud800',
    '\ufeff',
    'a\nb',
    '\u001b[31m',
    '%s%n',
    '$(reboot)',
    '`x`',
    "'",
    '"',
    '\\',
    '*',
  ],
  'a'.repeat(300),
  'a'.repeat(70_000),
];

/** A value of JSON that nobody expects. */
export function oddValue(random: Random, depth = 0): unknown {
  switch (random.below(depth > 3 ? 4 : 6)) {
    case 0:
      return random.of(ODD_WORDS);
    case 1:
      return random.of([0, -1, 1.5, 1e308, -1e308, 2 ** 53, 2 ** 31, 16, 17, 1e-9]);
    case 2:
      return random.of([null, true, false]);
    case 3:
      return random.of([[], {}]);
    case 4:
      return Array.from({ length: random.below(4) }, () => oddValue(random, depth + 1));
    default:
      return { [random.of(ODD_WORDS)]: oddValue(random, depth + 1) };
  }
}

/** A copy of a value in which one place, chosen at random, is something else. */
export function changed(random: Random, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || random.happens(0.15)) return oddValue(random);
  if (Array.isArray(value)) {
    const items: unknown[] = [...(value as unknown[])];
    const at = random.below(items.length + 1);
    if (at === items.length || random.happens(0.2)) items.splice(at, random.below(2), oddValue(random));
    else items[at] = changed(random, items[at]);
    return items;
  }
  const entries = Object.entries(value);
  const at = random.below(entries.length + 1);
  const entry = entries[at];
  if (entry === undefined) entries.push([random.of(ODD_WORDS), oddValue(random)]);
  else if (random.happens(0.2)) entries.splice(at, 1);
  else entries[at] = [entry[0], changed(random, entry[1])];
  return Object.fromEntries(entries);
}

/** A text with some of its characters left out, doubled or replaced. */
export function garbled(random: Random, text: string): string {
  let result = text;
  for (let times = 1 + random.below(3); times > 0; times -= 1) {
    const at = random.below(result.length + 1);
    const insert = random.happens(0.7) ? random.of(ODD_WORDS) : result.slice(at, at + random.below(50));
    result = result.slice(0, at) + insert + result.slice(at + random.below(20));
  }
  return result;
}
