// SPDX-License-Identifier: MIT
import { AsyncLocalStorage } from 'node:async_hooks';

/** Something that has not happened yet. */
export interface OpenWait {
  /** What is waited for, as a noun phrase. */
  readonly what: string;
  /** What shows that it comes nearer, such as a console's last lines. */
  readonly excerpt?: (() => readonly string[]) | undefined;
}

/**
 * What a piece of work waits for at the moment. Whoever waits does not know for whom: the work is found by the chain of
 * asynchronous calls, so that every wait of the project is seen without being passed on.
 */
export class Waits {
  readonly #open = new Set<OpenWait>();
  readonly #partEnds: () => void;
  #parts = 0;

  /** @param partEnds called when a part of the work has ended */
  constructor(partEnds: () => void) {
    this.#partEnds = partEnds;
  }

  /** The one that began last: what the others wait for in the end. */
  get latest(): OpenWait | undefined {
    return [...this.#open].at(-1);
  }

  /** Whether a part of the work is under way that has waits of its own. */
  get hasParts(): boolean {
    return this.#parts > 0;
  }

  /** Does a piece of work whose waits become these. */
  async of<T>(body: () => Promise<T>): Promise<T> {
    const whole = current.getStore();
    if (whole !== undefined) whole.#parts += 1;
    try {
      return await current.run(this, body);
    } finally {
      if (whole !== undefined) whole.#endPart();
    }
  }

  #endPart(): void {
    this.#parts -= 1;
    this.#partEnds();
  }

  /** Says that the work that calls this waits, until the disposal of what it gives. */
  static begin(wait: OpenWait): Disposable {
    const waits = current.getStore();
    if (waits !== undefined) waits.#open.add(wait);
    return {
      [Symbol.dispose]: () => {
        if (waits !== undefined) waits.#open.delete(wait);
      },
    };
  }
}

const current = new AsyncLocalStorage<Waits>();
