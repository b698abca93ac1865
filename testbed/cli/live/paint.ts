// SPDX-License-Identifier: MIT

/** How a text may look. */
export interface Look {
  readonly columns: number;
  readonly rows: number;
  /** Whether escape sequences for colours may be used. */
  readonly colour: boolean;
}

/** SGR codes of nodes in the order of their numbers, home first: told apart on dark and on light ground. */
const OF_NODES = [36, 33, 35, 32, 34, 31, 96, 93] as const;
const BOLD = 1;
const DIM = 2;
const ALARM = 31;

export function painted(look: Look, code: number, text: string): string {
  return look.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
}

export function bold(look: Look, text: string): string {
  return painted(look, BOLD, text);
}

export function dim(look: Look, text: string): string {
  return painted(look, DIM, text);
}

export function alarming(look: Look, text: string): string {
  return painted(look, ALARM, text);
}

/** In the colour of a node, by its place in the process. */
export function ofNode(look: Look, place: number, text: string): string {
  return painted(look, OF_NODES[place % OF_NODES.length] ?? 0, text);
}

/** Whether colours are wanted on a terminal: see https://no-color.org. */
export function wantsColour(environment: NodeJS.ProcessEnv): boolean {
  return (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
}

/** A text of a guest, without what would move a terminal's cursor. */
export function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
