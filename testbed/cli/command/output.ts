// SPDX-License-Identifier: MIT

/** Where a command's output goes: answers to standard output, everything else to standard error. */
export interface Output {
  /** Whether answers are to be JSON. */
  readonly json: boolean;
  /** Whether standard error is a terminal on which a tree can be drawn. */
  readonly terminal: boolean;
  /** An answer; a line break is added. */
  line(text: string): void;
  /** An answer as JSON. */
  object(value: unknown): void;
  /** A remark that is not part of the answer. */
  remark(text: string): void;
}

/** A serial line or a terminal of some editors does not know its size, and then has 0 columns. */
function isWide({ columns }: { readonly columns: number }): boolean {
  return columns > 0;
}

export function processOutput(json: boolean): Output {
  return {
    json,
    terminal: process.stderr.isTTY && isWide(process.stderr) && process.env['CI'] === undefined,
    line: (text) => {
      process.stdout.write(`${text}\n`);
    },
    object: (value) => {
      process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
    },
    remark: (text) => {
      process.stderr.write(`${text}\n`);
    },
  };
}
