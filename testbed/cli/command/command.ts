// SPDX-License-Identifier: MIT
import type { EventSink } from '../../base/event/event.js';
import type { Context } from '../../base/host/context.js';
import type { Output } from './output.js';

/** One flag of a command. */
export interface Flag {
  readonly type: 'boolean' | 'string';
  /** The placeholder for the value in help: `N`, `LINE=PATH`. */
  readonly value?: string;
  readonly multiple?: boolean;
  readonly short?: string;
  readonly summary: string;
}

/** A parsed command line. */
export interface Invocation {
  readonly positionals: readonly string[];
  /** The arguments after `--`. */
  readonly rest: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
}

/** What a command may use: the core's context and the way to speak to the user. */
export interface Session {
  readonly context: Context;
  readonly output: Output;
  /** Adds a reader of the context's events. The returned function removes it. */
  readonly subscribe: (reader: EventSink) => () => void;
}

/** The body of a command. Resolves to the exit code. */
export type CommandBody = (invocation: Invocation, session: Session) => Promise<number>;

/** The description of a command. Its body is loaded only when it runs, so that `--help` stays fast. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Usage after `testbed`, e.g. `exec NODE -- COMMAND...`. */
  readonly usage: string;
  readonly details?: readonly string[];
  readonly example: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Fewest and most positional arguments. */
  readonly positionals: readonly [number, number];
  readonly load: () => Promise<CommandBody>;
}
