// SPDX-License-Identifier: MIT
import { type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser';

/** Where a text stops being JSON; lines and columns count from 1. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  /** What is wrong there. */
  readonly what: string;
}

/**
 * The most objects and arrays that may stand in one another. What reads the value afterwards is recursive, and so is the
 * parser: some thousand levels would end it. A scenario has five.
 */
const DEEPEST = 100;

const BYTE_ORDER_MARK = '\ufeff';

/**
 * The first place where a text is no JSON by RFC 8259, begins with a byte order mark, is nested too deeply, or has a name
 * twice in one object, of which JSON.parse would drop the first without a word. Undefined for a good text. JSON.parse does
 * not tell the place in every version of Node.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  if (text.startsWith(BYTE_ORDER_MARK))
    return { line: 1, column: 1, what: 'a byte order mark; save the file as UTF-8 without one' };
  try {
    visit(text, faultFinder(text), { disallowComments: true });
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

/** Errors of the parser that are about the inside of a string or a number, by name. */
const BROKEN_TOKEN: ReadonlyMap<string, string> = new Map([
  ['UnexpectedEndOfString', 'this string has no end on its line'],
  ['UnexpectedEndOfNumber', 'this number lacks a digit'],
  ['InvalidUnicode', 'this string has a \\u without four hexadecimal digits'],
  ['InvalidEscapeCharacter', 'this string has an escape that JSON does not know'],
  ['InvalidCharacter', 'this string has a control character; write it as an escape'],
]);

/** An object or an array that has begun and has not ended. */
interface Container {
  /** That the object has so far; empty for an array. */
  readonly names: Set<string>;
  /** What stands at its beginning and behind each comma. */
  readonly entry: string;
  /** What stands behind each entry. */
  readonly next: string;
}

/** Follows the parser, so that it can say what was expected where the parser stops. It throws the first {@link Fault}. */
function faultFinder(text: string): JSONVisitor {
  const open: Container[] = [];
  let expected = 'a value';
  const begin = (offset: number, entry: string, next: string): void => {
    if (open.length === DEEPEST)
      throw new Fault(offset, `more than ${DEEPEST} objects and arrays in one another`);
    open.push({ names: new Set(), entry, next });
    expected = entry;
  };
  const valueEnds = (): void => {
    expected = open.at(-1)?.next ?? 'the end of the file';
  };
  const end = (offset: number): void => {
    // The parser also ends what is not closed at the end of the text, and only then says that something is missing.
    if (offset === text.length) return;
    open.pop();
    valueEnds();
  };
  return {
    onObjectBegin: (offset) => {
      begin(offset, 'a name in double quotes', '`,` or `}`');
    },
    onArrayBegin: (offset) => {
      begin(offset, 'a value', '`,` or `]`');
    },
    onObjectProperty: (name, offset) => {
      const names = open.at(-1)?.names;
      if (names?.has(name) === true)
        throw new Fault(offset, `${JSON.stringify(name)} stands here a second time`);
      names?.add(name);
      expected = '`:`';
    },
    onSeparator: (character) => {
      expected = character === ':' ? 'a value' : (open.at(-1)?.entry ?? '');
    },
    onLiteralValue: valueEnds,
    onObjectEnd: end,
    onArrayEnd: end,
    onError: (error, offset) => {
      const broken = BROKEN_TOKEN.get(printParseErrorCode(error));
      throw new Fault(offset, broken ?? `${expected} expected, found ${wordAt(text, offset)}`);
    },
  };
}

function wordAt(text: string, offset: number): string {
  if (offset === text.length) return 'the end of the file';
  const rest = text.slice(offset, offset + 20);
  return `\`${/^[^\s,:{}[\]]+/.exec(rest)?.[0] ?? rest.slice(0, 1)}\``;
}
