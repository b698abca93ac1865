// SPDX-License-Identifier: MIT
import type { Clock } from '../clock/clock.js';
import type { EventSink } from '../event/event.js';
import type { ProcessRunner } from '../process/process-runner.js';
import type { Paths } from './paths.js';

/**
 * What every part of the core is given, and all that it may reach of the world outside: built once, in the
 * command or the supervisor, and passed down.
 */
export interface Context {
  readonly paths: Paths;
  readonly processes: ProcessRunner;
  readonly clock: Clock;
  readonly events: EventSink;
  /** Aborted by Ctrl-C, SIGTERM, a client that left. Every wait and every child process listens to it. */
  readonly signal: AbortSignal;
  /** `--offline`: a download is an error. */
  readonly offline: boolean;
}
