// SPDX-License-Identifier: MIT

/** Longest first line that can be a process number and its newline. */
const LONGEST_LINE = 12;

/**
 * Takes the first line, the number of the command's process group (see command-line.ts), off a command's stderr.
 */
export class GroupNumber {
  /** Resolves as soon as the number is known. Undefined when the command ended before it printed one. */
  readonly known: Promise<number | undefined>;
  #resolve: (group: number | undefined) => void = () => undefined;
  #pending: Buffer | undefined = Buffer.alloc(0);

  constructor() {
    this.known = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** The part of `chunk` that is the command's own. */
  strip(chunk: Buffer): Buffer {
    if (this.#pending === undefined) return chunk;
    const seen = Buffer.concat([this.#pending, chunk]);
    const newline = seen.indexOf('\n');
    if (newline === -1 && seen.length < LONGEST_LINE) {
      this.#pending = seen;
      return Buffer.alloc(0);
    }
    this.#pending = undefined;
    const line = seen.subarray(0, newline).toString('latin1');
    if (!/^\d+$/.test(line)) {
      // The login shell itself has printed something. Its output is kept and the group remains unknown.
      this.#resolve(undefined);
      return seen;
    }
    this.#resolve(Number(line));
    return seen.subarray(newline + 1);
  }

  /** The stream has ended. */
  end(): void {
    this.#resolve(undefined);
  }
}
