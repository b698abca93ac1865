// SPDX-License-Identifier: MIT
import type { WriteStream } from 'node:tty';
import { ownTerminal } from '../terminal/terminal.js';
import { type Look, wantsColour } from './paint.js';

/** Alternate screen, no cursor, no wrapping; and back. See console_codes(4). */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** A terminal that is drawn on again and again. Disposal gives it back as it was, also when this process exits. */
export class Screen implements Disposable {
  readonly #leave = (): void => {
    this.terminal.write(LEAVE);
  };

  constructor(readonly terminal: WriteStream) {
    process.once('exit', this.#leave);
    terminal.write(ENTER);
  }

  /** What fits on it now. */
  get look(): Look {
    const { rows, columns } = ownTerminal();
    return { rows, columns, colour: wantsColour(process.env) };
  }

  show(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}${CLEAR_LINE}`).join('\r\n');
    this.terminal.write(`${HOME}${text}${CLEAR_BELOW}`);
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#leave);
    this.#leave();
  }
}
