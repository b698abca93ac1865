// SPDX-License-Identifier: MIT

/** Where a text stops being JSON; lines and columns count from 1. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  /** What is wrong there. */
  readonly what: string;
}

/**
 * The first place where a text is no JSON by RFC 8259, or says a name twice in one object, of which JSON.parse would
 * drop the first silently; undefined for a good text. JSON.parse does not tell the place in every version of Node.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  try {
    new Reader(text).document();
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const before = text.slice(0, thrown.offset).split('\n');
    return { line: before.length, column: (before.at(-1) ?? '').length + 1, what: thrown.message };
  }
}

class Fault extends Error {
  constructor(
    readonly offset: number,
    what: string,
  ) {
    super(what);
  }
}

const SPACE = /[ \t\r\n]*/y;
// eslint-disable-next-line no-control-regex -- RFC 8259 forbids control characters in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;
const WORD = /[^\s,:{}[\]]+/y;

/** A reader by recursive descent that keeps nothing but its place. */
class Reader {
  #offset = 0;

  constructor(readonly text: string) {}

  document(): void {
    this.#value();
    this.#match(SPACE);
    if (this.#offset < this.text.length) throw this.#fault('the end of the file');
  }

  #value(): void {
    this.#match(SPACE);
    if (this.#take('{')) this.#members();
    else if (this.#take('[')) this.#items();
    else if (this.#match(STRING) === undefined && this.#match(SCALAR) === undefined)
      throw this.#fault('a value');
  }

  #members(): void {
    const names = new Set<string>();
    this.#match(SPACE);
    if (this.#take('}')) return;
    do {
      this.#match(SPACE);
      this.#name(names);
      this.#match(SPACE);
      if (!this.#take(':')) throw this.#fault('`:`');
      this.#value();
      this.#match(SPACE);
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#fault('`,` or `}`');
  }

  #name(names: Set<string>): void {
    const start = this.#offset;
    const name = this.#match(STRING);
    if (name === undefined) throw this.#fault('a name in double quotes');
    if (names.has(name)) throw new Fault(start, `${name} stands here a second time`);
    names.add(name);
  }

  #items(): void {
    this.#match(SPACE);
    if (this.#take(']')) return;
    do {
      this.#value();
      this.#match(SPACE);
    } while (this.#take(','));
    if (!this.#take(']')) throw this.#fault('`,` or `]`');
  }

  #take(character: string): boolean {
    if (this.text[this.#offset] !== character) return false;
    this.#offset += 1;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.text)?.[0];
    this.#offset += found?.length ?? 0;
    return found;
  }

  #fault(expected: string): Fault {
    const offset = this.#offset;
    const found =
      offset >= this.text.length
        ? 'the end of the file'
        : `\`${(this.#match(WORD) ?? this.text[offset] ?? '').slice(0, 20)}\``;
    return new Fault(offset, `${expected} expected, found ${found}`);
  }
}
