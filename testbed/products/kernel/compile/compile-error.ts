// SPDX-License-Identifier: MIT

/** The first error in the output of make. */
export interface FirstError {
  /** One line: `mm/swap.c:12:5: error: ...` */
  readonly text: string;
  /** The error and the lines around it. */
  readonly excerpt: readonly string[];
}

/** Lines before and behind the first error that explain it: `In function ...`, the source line, the caret. */
const BEFORE = 2;
const BEHIND = 8;

/** The forms of errors of compilers, assemblers, linkers and modpost. */
const TOOL_ERRORS: readonly RegExp[] = [
  /^\S+?:\d+(:\d+)?: (fatal )?error: /i,
  /^\S+: (fatal )?error: /i,
  /: undefined reference to /,
  /: multiple definition of /,
  /^ERROR: /,
  /^(\/bin\/)?sh: .*: not found$/,
  /^\S*ld: /,
];

/** make's own error, used when no tool's error was recognised. */
const MAKE_ERROR = /^make(\[\d+\])?: \*\*\* /;

/**
 * Finds the first error in make's output, which is the one to correct. With several jobs the last lines may be about
 * something else.
 * @param folders beginnings of paths, and what is shown for each
 */
export function firstError(output: readonly string[], folders: Readonly<Record<string, string>>): FirstError {
  const short = output.map((line) =>
    Object.entries(folders).reduce((text, [from, to]) => text.replaceAll(from, to), line),
  );
  const tool = short.findIndex((line) => TOOL_ERRORS.some((pattern) => pattern.test(line)));
  const at = tool === -1 ? short.findIndex((line) => MAKE_ERROR.test(line)) : tool;
  if (at === -1) return { text: short.at(-1) ?? 'make said nothing', excerpt: short.slice(-BEHIND) };
  return { text: short[at] ?? '', excerpt: short.slice(Math.max(0, at - BEFORE), at + BEHIND) };
}
