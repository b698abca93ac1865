// SPDX-License-Identifier: MIT
import type { EventSink } from '../../base/event/event.js';
import type { Context } from '../../base/host/context.js';
import type { Output } from './output.js';

/** One flag of a command. */
export interface Flag {
  readonly type: 'boolean' | 'string';
  /** What stands for the value in help: `N`, `LINE=PATH`. */
  readonly value?: string;
  readonly multiple?: boolean;
  readonly short?: string;
  readonly summary: string;
}

/** A parsed command line. */
export interface Invocation {
  readonly positionals: readonly string[];
  /** What stood behind `--`. */
  readonly rest: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
}

/** What a command may use: the core's context and the way to speak to the user. */
export interface Session {
  readonly context: Context;
  readonly output: Output;
  /** Adds a reader of the context's events; the returned function takes it away. */
  readonly subscribe: (reader: EventSink) => () => void;
}

/** The body of a command. Resolves to the exit code. */
export type CommandBody = (invocation: Invocation, session: Session) => Promise<number>;

/** A command's face; its body is loaded only when it runs, so that `--help` stays quick. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Usage behind `testbed`, e.g. `exec NODE -- COMMAND...`. */
  readonly usage: string;
  readonly details?: readonly string[];
  readonly example: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Fewest and most positional arguments. */
  readonly positionals: readonly [number, number];
  readonly load: () => Promise<CommandBody>;
}
