// SPDX-License-Identifier: MIT
import type { ErrorRecord } from '../../base/error/testbed-error.js';
import type { Context } from '../../base/host/context.js';
import type { KernelProduct } from './line/kernel-product.js';

/** Longest time for reading a kernel's symbols. An error that comes late is worse than one without lines. */
const EXPLAIN_MS = 5_000;

type Surroundings = Pick<Context, 'processes' | 'signal'>;

/** A place in the kernel's code that a console line names. */
interface CodePlace {
  /** Position in the list of lines. */
  readonly line: number;
  readonly address: bigint;
}

interface TextSymbol {
  readonly address: bigint;
  /** Up to the next symbol, as kallsyms has it. */
  readonly size: bigint;
}

/** `do_swap_page+0x1a/0x520`. For a symbol in a module, the module's name follows in brackets; it does not match. */
const SYMBOL = /\b([A-Za-z_][\w.]*)\+0x([0-9a-f]+)\/0x([0-9a-f]+)(?! \[)/;

/** `[<ffffffff810b0000>]`, which is all that a kernel without kallsyms prints. */
const ADDRESS = /\[<([0-9a-f]{16})>\]/;

/** Lines with the address of the instruction itself. The other lines of a trace have return addresses. */
const INSTRUCTION_POINTER = /\b(RIP|IP|PC)\b/;

/**
 * Adds source file and line to the code places in lines of a console: a panic's, an oops's or lockdep's stack trace.
 * Symbols are preferred to raw addresses, so that it works with a relocated kernel too. Lines without a place, places in
 * modules, and all places of a kernel that was built without CONFIG_DEBUG_INFO stay as they are.
 * @returns as many lines as were given
 */
export async function decodeStack(
  context: Surroundings,
  kernel: Pick<KernelProduct, 'vmlinux'>,
  lines: readonly string[],
): Promise<readonly string[]> {
  if (!lines.some((line) => SYMBOL.test(line) || ADDRESS.test(line))) return lines;
  const symbols = await textSymbols(context, kernel.vmlinux);
  const places = lines.flatMap((text, line) => {
    const address = addressIn(text, symbols);
    return address === undefined ? [] : [{ line, address }];
  });
  const sources = await sourceLines(context, kernel.vmlinux, places);
  return lines.map((text, line) => {
    const source = sources.get(line);
    return source === undefined ? text : `${text} (${source})`;
  });
}

/**
 * Adds source files and lines to the stack traces that an error quotes from a guest's console. When they cannot be found
 * in time, the error is returned as it was. An abort of the context's signal does not end the search, since it may be the
 * consequence of this error.
 */
export async function explainStack(
  { processes }: Pick<Context, 'processes'>,
  kernel: Pick<KernelProduct, 'vmlinux'>,
  error: ErrorRecord,
): Promise<ErrorRecord> {
  if (error.excerpt.length === 0) return error;
  try {
    const signal = AbortSignal.timeout(EXPLAIN_MS);
    return { ...error, excerpt: await decodeStack({ processes, signal }, kernel, error.excerpt) };
  } catch {
    return error;
  }
}

function addressIn(text: string, symbols: ReadonlyMap<string, readonly TextSymbol[]>): bigint | undefined {
  const [, name = '', offset = '0', size = '0'] = SYMBOL.exec(text) ?? [];
  const named = symbols.get(name) ?? [];
  // Several static functions may have the same name. Their sizes tell them apart.
  const symbol = named.find((one) => one.size === BigInt(`0x${size}`)) ?? named[0];
  const raw = ADDRESS.exec(text)?.[1];
  const address =
    symbol !== undefined
      ? symbol.address + BigInt(`0x${offset}`)
      : raw === undefined || name !== ''
        ? undefined
        : BigInt(`0x${raw}`);
  if (address === undefined || INSTRUCTION_POINTER.test(text)) return address;
  return offset === '0' && symbol !== undefined ? address : address - 1n;
}

async function textSymbols(
  context: Surroundings,
  vmlinux: string,
): Promise<ReadonlyMap<string, readonly TextSymbol[]>> {
  const { stdout } = await context.processes.succeed(['nm', '--numeric-sort', '--defined-only', vmlinux], {
    signal: context.signal,
    env: { LC_ALL: 'C' },
  });
  const table = new Map<string, TextSymbol[]>();
  const rows = stdout.split('\n').flatMap((line) => {
    const [address = '', type = '', name = ''] = line.split(' ');
    return /^[tTwW]$/.test(type) ? [{ address: BigInt(`0x${address}`), name }] : [];
  });
  let next = rows.length;
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    const row = rows[at];
    if (row === undefined) continue;
    if (rows[at + 1]?.address !== row.address) next = at + 1;
    const size = (rows[next]?.address ?? row.address) - row.address;
    table.set(row.name, [...(table.get(row.name) ?? []), { address: row.address, size }]);
  }
  return table;
}

/** Asks addr2line for all places at once. @returns by line, the innermost inlined function first */
async function sourceLines(
  context: Surroundings,
  vmlinux: string,
  places: readonly CodePlace[],
): Promise<ReadonlyMap<number, string>> {
  const input = places.map(({ address }) => `0x${address.toString(16)}\n`).join('');
  const { stdout } = await context.processes.succeed(
    ['addr2line', '--addresses', '--inlines', `--exe=${vmlinux}`],
    { input, signal: context.signal, env: { LC_ALL: 'C' } },
  );
  // With --addresses, each answer begins with the address on a line of its own.
  const answers = stdout.split(/^0x[0-9a-f]+\n/m).slice(1);
  const sources = new Map<number, string>();
  for (const [at, { line }] of places.entries()) {
    const frames = (answers[at] ?? '')
      .split('\n')
      .map((frame) => frame.replace(/ \(discriminator \d+\)$/, '').replace(/^\.\//, ''))
      .filter((frame) => frame !== '' && !frame.startsWith('??'));
    if (frames.length > 0) sources.set(line, frames.join(', inlined in '));
  }
  return sources;
}
