// SPDX-License-Identifier: MIT
import type { Clock } from '../clock/clock.js';
import type { EventSink } from '../event/event.js';
import type { ProcessRunner } from '../process/process-runner.js';
import type { Paths } from './paths.js';

/**
 * Everything outside of the core that its parts may use. Built once, in the command or the supervisor, and passed
 * down.
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
