// SPDX-License-Identifier: MIT
import { ExitCode } from './exit-code.js';

/** What a user is told in addition to the message of a {@link TestbedError}. */
export interface ErrorDetail {
  /** One sentence: what to do next, with the command line where there is one. */
  readonly nextStep: string;
  /** Path of the log with all details. */
  readonly log?: string;
  /** Last lines of a console or of a tool's output, oldest first. */
  readonly excerpt?: readonly string[];
  readonly cause?: unknown;
}

/**
 * Root of every error that a user may see. `message` says what happened, `nextStep` what to do about it.
 * Subclasses live beside what throws them (kernel/errors.ts, node/errors.ts, ...) and fix `code` and `exitCode`.
 */
export abstract class TestbedError extends Error {
  /** Stable, upper-case, for scripts: `E_PATCH_REJECTED`. */
  abstract readonly code: `E_${string}`;
  abstract readonly exitCode: ExitCode;
  readonly nextStep: string;
  readonly log: string | undefined;
  readonly excerpt: readonly string[];

  constructor(message: string, detail: ErrorDetail) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = new.target.name;
    this.nextStep = detail.nextStep;
    this.log = detail.log;
    this.excerpt = detail.excerpt ?? [];
  }
}

/** The form of an error on the supervisor's socket and in `--json` output. */
export interface ErrorRecord {
  readonly code: string;
  readonly exitCode: number;
  readonly message: string;
  readonly nextStep: string;
  readonly log?: string;
  readonly excerpt: readonly string[];
}

/** An error that came over the supervisor's socket, with everything its original said. */
export class RelayedError extends TestbedError {
  readonly code: `E_${string}`;
  readonly exitCode: ExitCode;

  constructor(record: ErrorRecord) {
    super(record.message, {
      nextStep: record.nextStep,
      excerpt: record.excerpt,
      ...(record.log === undefined ? {} : { log: record.log }),
    });
    this.code = record.code as `E_${string}`;
    this.exitCode = record.exitCode as ExitCode;
  }
}

/** A mistake in the testbed itself. The user can only report it. */
export class InternalError extends TestbedError {
  readonly code = 'E_INTERNAL';
  readonly exitCode = ExitCode.Internal;

  constructor(cause: unknown) {
    super(`internal error: ${cause instanceof Error ? cause.message : String(cause)}`, {
      nextStep: 'Please report this with the log; TESTBED_TRACE=1 adds the stack to it.',
      cause,
    });
  }
}
