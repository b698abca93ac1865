// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { connect } from 'node:net';
import { RelayedError, type ErrorRecord, type TestbedError } from '../base/error/testbed-error.js';
import type { EventSink, TestbedEvent } from '../base/event/event.js';
import { Channel } from './channel.js';
import { NotRunningError, SupervisorLostError } from './errors.js';
import { type Frame, FrameType } from './frame.js';
import type { Request, Terminal } from './protocol.js';
import { hasRecord, type TestbedPlace } from './registry.js';

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly onEvent?: EventSink;
  readonly onStdout?: (chunk: Buffer) => Promise<void> | void;
  readonly onStderr?: (chunk: Buffer) => Promise<void> | void;
  /** Bytes for the request's standard input. */
  readonly stdin?: AsyncIterable<Buffer>;
  /** Called with a function that sends a new terminal size. */
  readonly onResizable?: (resize: (size: Pick<Terminal, 'rows' | 'columns'>) => void) => void;
}

/**
 * Sends a request to a testbed's supervisor and waits for the answer. Aborting closes the connection, and the supervisor
 * then cancels the request.
 * @throws NotRunningError when nobody listens, or the testbed is brought down before it has answered
 * @throws RelayedError with what the supervisor threw
 * @throws SupervisorLostError when it goes away before it has answered
 * @throws what `onStdout`, `onStderr` and `onEvent` throw; the request is cancelled then
 */
export async function ask(
  place: TestbedPlace,
  request: Request,
  options: RequestOptions = {},
): Promise<unknown> {
  options.signal?.throwIfAborted();
  const channel = new Channel(await dial(place));
  const onAbort = (): void => {
    channel.destroy();
  };
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await channel.send(FrameType.Request, JSON.stringify(request));
    options.onResizable?.((size) => {
      channel.post(FrameType.Resize, JSON.stringify(size));
    });
    if (options.stdin !== undefined) void feed(channel, options.stdin);
    return await answer(place, channel, options);
  } catch (thrown) {
    options.signal?.throwIfAborted();
    throw thrown;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    channel.destroy();
  }
}

async function dial(place: TestbedPlace): Promise<import('node:net').Socket> {
  const socket = connect(place.socket);
  try {
    await once(socket, 'connect');
    return socket;
  } catch {
    throw new NotRunningError(place.name);
  }
}

async function feed(channel: Channel, stdin: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const chunk of stdin) await channel.send(FrameType.Stdin, chunk);
  } catch {
    // An input that fails is treated like one that has ended.
  }
  await channel.send(FrameType.Stdin, '');
}

async function answer(place: TestbedPlace, channel: Channel, options: RequestOptions): Promise<unknown> {
  for await (const { type, payload } of framesOf(place, channel)) {
    switch (type) {
      case FrameType.Event:
        options.onEvent?.(JSON.parse(payload.toString()) as TestbedEvent);
        break;
      case FrameType.Stdout:
        await options.onStdout?.(payload);
        break;
      case FrameType.Stderr:
        await options.onStderr?.(payload);
        break;
      case FrameType.Result:
        return JSON.parse(payload.toString()) as unknown;
      case FrameType.Error:
        throw new RelayedError(JSON.parse(payload.toString()) as ErrorRecord);
      case FrameType.Request:
      case FrameType.Stdin:
      case FrameType.Resize:
        break;
    }
  }
  throw await departure(place);
}

/** What comes from the supervisor. What a reader of it throws is not the supervisor's fault, and passes unchanged. */
async function* framesOf(place: TestbedPlace, channel: Channel): AsyncGenerator<Frame> {
  try {
    yield* channel;
  } catch (thrown) {
    throw await departure(place, thrown);
  }
}

/** A supervisor that ends in order has removed its record by then. */
async function departure(place: TestbedPlace, cause?: unknown): Promise<TestbedError> {
  if (await hasRecord(place)) return new SupervisorLostError('went away', { cause });
  return new NotRunningError(place.name, 'was brought down meanwhile');
}
