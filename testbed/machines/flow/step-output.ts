// SPDX-License-Identifier: MIT
import { LineSplitter } from '../node/line-splitter.js';

/** Lines that an error carries. */
const TAIL_LINES = 20;

/** What a step prints, line by line, with the last lines of both streams at hand. */
export class StepOutput {
  readonly #onLine: (line: string) => void;
  readonly #stdout = new LineSplitter();
  readonly #stderr = new LineSplitter();
  #tail: string[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  readonly stdout = (chunk: Buffer): void => {
    this.#take(this.#stdout.push(chunk));
  };

  readonly stderr = (chunk: Buffer): void => {
    this.#take(this.#stderr.push(chunk));
  };

  /** The last lines so far, oldest first, without empty ones. */
  get tail(): readonly string[] {
    return this.#tail;
  }

  /** The step has ended: a last line need not have a newline. */
  end(): void {
    this.#take([...this.#stdout.end(), ...this.#stderr.end()]);
  }

  #take(lines: readonly string[]): void {
    for (const line of lines) {
      if (line.trim() !== '') this.#tail = [...this.#tail, line].slice(-TAIL_LINES);
      this.#onLine(line);
    }
  }
}
