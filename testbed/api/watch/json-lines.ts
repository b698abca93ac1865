// SPDX-License-Identifier: MIT
import { StringDecoder } from 'node:string_decoder';

/** Longer lines are no reading of ours. Without a bound a guest could fill the host's memory. */
const LONGEST = 4 * 2 ** 20;

/** Cuts the output of a program into lines. */
export class JsonLines {
  readonly #decoder = new StringDecoder('utf8');
  #partial = '';

  /**
   * Lines that end in this chunk.
   * @throws RangeError for a line of more than 4 MiB
   */
  push(chunk: Buffer): readonly string[] {
    const pieces = (this.#partial + this.#decoder.write(chunk)).split('\n');
    this.#partial = pieces.pop() ?? '';
    if (this.#partial.length > LONGEST) throw new RangeError('a line has no end');
    return pieces;
  }
}
