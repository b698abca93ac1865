// SPDX-License-Identifier: MIT
import type { EventSink, TestbedEvent } from './event.js';

/** One stream of events for several readers that come and go. */
export class Broadcast {
  readonly #readers = new Set<EventSink>();

  readonly sink: EventSink = (event: TestbedEvent) => {
    for (const reader of this.#readers) reader(event);
  };

  /** Adds a reader; the returned function takes it away again. */
  subscribe(reader: EventSink): () => void {
    this.#readers.add(reader);
    return () => {
      this.#readers.delete(reader);
    };
  }
}
