// SPDX-License-Identifier: MIT
import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut, so that memory use does not depend on what a guest prints. */
export const MAX_LINE = 4096;

/** Control characters other than tab are shown as in `cat -v`, so that a log never moves a terminal's cursor. */
// eslint-disable-next-line no-control-regex -- finding control characters is its purpose
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Cuts the bytes of a serial console into lines of printable text, in memory bounded by {@link MAX_LINE}. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #partial = '';

  /** The line that has not ended yet, such as a prompt, or the place where a guest hung. */
  get partial(): string {
    return clean(this.#partial);
  }

  /** Whole lines that end in this chunk. */
  push(chunk: Buffer): readonly string[] {
    const pieces = this.#decoder.write(chunk).split('\n');
    const last = pieces.pop() ?? '';
    const lines: string[] = [];
    for (const piece of pieces) {
      lines.push(...cut(this.#partial + piece));
      this.#partial = '';
    }
    const rest = this.#partial + last;
    const whole = Math.floor(Math.max(0, rest.length - 1) / MAX_LINE) * MAX_LINE;
    if (whole > 0) lines.push(...cut(rest.slice(0, whole)));
    this.#partial = rest.slice(whole);
    return lines;
  }

  /** The rest when the console has ended. */
  end(): readonly string[] {
    const rest = this.#partial + this.#decoder.end();
    this.#partial = '';
    return rest === '' ? [] : cut(rest);
  }
}

function cut(line: string): string[] {
  const text = clean(line);
  if (text.length <= MAX_LINE) return [text];
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += MAX_LINE) pieces.push(text.slice(at, at + MAX_LINE));
  return pieces;
}

function clean(line: string): string {
  return line
    .replace(/\r+$/, '')
    .replace(CONTROL, (character) => `^${String.fromCharCode(character.charCodeAt(0) ^ 0x40)}`);
}
