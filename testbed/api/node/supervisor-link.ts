// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import { ask, type RequestOptions } from '../../supervisor/client.js';
import type { Request } from '../../supervisor/protocol.js';
import type { TestbedPlace } from '../../supervisor/registry.js';
import { type CallOptions, forCall } from '../context/open-context.js';

/** The way to the supervisor of one testbed. */
export class SupervisorLink {
  constructor(
    readonly context: Context,
    readonly place: TestbedPlace,
  ) {}

  /**
   * Asks for what the protocol says to be an `Answer`.
   * @throws as {@link ask}
   */
  async ask<Answer>(request: Request, options: RequestOptions & CallOptions = {}): Promise<Answer> {
    const { signal } = forCall(this.context, options);
    return (await ask(this.place, request, { ...options, signal })) as Answer;
  }

  /** As {@link ask}, for what takes long; the context hears what the supervisor does meanwhile. */
  async askWithEvents<Answer>(request: Request, options: CallOptions = {}): Promise<Answer> {
    return await this.ask<Answer>(request, { ...options, onEvent: this.context.events });
  }
}
