// SPDX-License-Identifier: MIT
import type { SymbolMismatch } from '../line/errors.js';

/** Wanted values by symbol, as written in a .config: `y`, `m`, `n`, `"text"`, `42`, `0x10`. */
export type Fragment = ReadonlyMap<string, string>;

/**
 * Reads a .config or a fragment of one. `# CONFIG_X is not set` is `n`. When a symbol is there twice, the last line
 * counts.
 */
export function parseConfig(text: string): Fragment {
  const symbols = new Map<string, string>();
  for (const line of text.split('\n')) {
    const set = /^(CONFIG_\w+)=(.*)$/.exec(line.trim());
    const unset = /^# (CONFIG_\w+) is not set$/.exec(line.trim());
    if (set?.[1] !== undefined) symbols.set(set[1], set[2] ?? '');
    else if (unset?.[1] !== undefined) symbols.set(unset[1], 'n');
  }
  return symbols;
}

/**
 * Lays fragments over each other. Later ones win and come last, since kconfig takes the last member of a choice (SLAB,
 * SLUB, SLOB) that is set.
 */
export function mergeFragments(...fragments: readonly Fragment[]): Fragment {
  const merged = new Map<string, string>();
  for (const [symbol, value] of fragments.flatMap((fragment) => [...fragment])) {
    merged.delete(symbol);
    merged.set(symbol, value);
  }
  return merged;
}

export function fragmentText(fragment: Fragment): string {
  const lines = [...fragment].map(([symbol, value]) =>
    value === 'n' ? `# ${symbol} is not set` : `${symbol}=${value}`,
  );
  return `${lines.join('\n')}\n`;
}

/** Every symbol whose value in `config` is not the wanted one. A symbol that `config` does not mention is `n`. */
export function mismatches(wanted: Fragment, config: Fragment): readonly SymbolMismatch[] {
  return [...wanted]
    .map(([symbol, value]) => ({ symbol, wanted: value, got: config.get(symbol) ?? 'n' }))
    .filter(({ wanted: value, got }) => value !== got);
}
