// SPDX-License-Identifier: MIT
import { ExitCode } from '../../../base/error/exit-code.js';
import { TestbedError, type ErrorDetail } from '../../../base/error/testbed-error.js';
import type { LineId } from './kernel-product.js';

/** A line that has no folder in kernel-patches/. */
export class UnknownLineError extends TestbedError {
  readonly code = 'E_UNKNOWN_LINE';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(id: string, known: readonly LineId[]) {
    super(`there is no kernel line ${id}`, { nextStep: `The lines are: ${known.join(', ')}.` });
  }
}

/** A line's folder is not valid. The excerpt has one line for each problem. */
export class LineInvalidError extends TestbedError {
  readonly code = 'E_LINE_INVALID';
  readonly exitCode = ExitCode.InvalidInput;

  constructor(file: string, problems: readonly string[]) {
    super(`${file}: ${problems.join('; ')}`, {
      nextStep: 'Correct the file. kernel-patches/line.schema.json describes line.json.',
      excerpt: problems,
    });
  }
}

/** The value of `--kernel-source` is not `LINE=PATH`, or the path does not lead to a kernel. */
export class GivenSourceError extends TestbedError {
  readonly code = 'E_GIVEN_SOURCE';
  readonly exitCode = ExitCode.Source;

  constructor(what: string, detail: Partial<ErrorDetail> = {}) {
    super(what, {
      nextStep:
        'Give a tarball, a directory or REPOSITORY#REF: --kernel-source linux-6.1=/path/to/linux#v6.1.170',
      ...detail,
    });
  }
}

/** The server cannot be reached or does not answer. Only after this failure may another line be taken. */
export class SourceUnreachableError extends TestbedError {
  readonly code = 'E_SOURCE_UNREACHABLE';
  readonly exitCode = ExitCode.Source;
  readonly host: string;
  readonly reason: string;

  constructor(line: LineId, url: URL, reason: string, cause?: unknown) {
    super(`${url.host} cannot be reached for the source of ${line}: ${reason}`, {
      nextStep: `--kernel-source ${line}=PATH takes a tarball, a directory or REPOSITORY#REF instead.`,
      cause,
    });
    this.host = url.host;
    this.reason = reason;
  }
}

/** The server answers but does not have the file. */
export class SourceNotFoundError extends TestbedError {
  readonly code = 'E_SOURCE_NOT_FOUND';
  readonly exitCode = ExitCode.Source;

  constructor(url: URL, status: number) {
    super(`${url.href} is not there (HTTP ${status})`, {
      nextStep: "Correct the url in the line's line.json, or TESTBED_KERNEL_MIRROR where that is set.",
    });
  }
}

/** A file does not have the hash that the line names. It is damaged, or it is another file. */
export class SourceHashError extends TestbedError {
  readonly code = 'E_SOURCE_HASH';
  readonly exitCode = ExitCode.Source;

  constructor(what: string, wanted: string, found: string) {
    super(`${what} has sha256 ${found}, and not ${wanted}`, {
      nextStep: 'Do not use it. Find out where it comes from. The next try fetches it again.',
    });
  }
}

/** A download ends early, even when it is resumed. */
export class SourceTruncatedError extends TestbedError {
  readonly code = 'E_SOURCE_TRUNCATED';
  readonly exitCode = ExitCode.Source;

  constructor(url: URL, have: number, total: number | undefined, cause?: unknown) {
    const whole = total === undefined ? '' : ` of ${total}`;
    super(`${url.href} breaks off: ${have}${whole} bytes came`, {
      nextStep: 'Run the same command again. It continues where this one ended.',
      cause,
    });
  }
}

/** A source is not on this machine, and may not or cannot be fetched. */
export class SourceMissingError extends TestbedError {
  readonly code = 'E_SOURCE_MISSING';
  readonly exitCode = ExitCode.Source;
  readonly reason: string;
  /** True when it is not fetched only because of `--offline`. */
  readonly offline: boolean;

  constructor(line: LineId, reason: string, how: { readonly nextStep: string; readonly offline?: boolean }) {
    super(`the source of ${line} is missing: ${reason}`, { nextStep: how.nextStep });
    this.reason = reason;
    this.offline = how.offline ?? false;
  }
}

/** A place in a patch where the source differs from what the patch expects. */
export interface RejectedHunk {
  readonly file: string;
  /** From 1, within the patch's changes to this file; undefined when the whole file is the problem. */
  readonly number?: number;
  /** `@@ -10,7 +10,9 @@ function` */
  readonly header?: string;
  /** What git said of it. */
  readonly reason: string;
}

export class PatchRejectedError extends TestbedError {
  readonly code = 'E_PATCH_REJECTED';
  readonly exitCode = ExitCode.Build;
  readonly patch: string;
  readonly rejected: readonly RejectedHunk[];

  constructor(patch: string, rejected: readonly RejectedHunk[], excerpt: readonly string[]) {
    super(`${patch} does not apply: ${rejected.map(hunkText).join('; ') || (excerpt[0] ?? 'unreadable')}`, {
      nextStep: "Adapt the patch to this source, or take the source that the line's line.json names.",
      excerpt,
    });
    this.patch = patch;
    this.rejected = rejected;
  }
}

function hunkText(hunk: RejectedHunk): string {
  if (hunk.number === undefined) return `${hunk.file}: ${hunk.reason}`;
  return `hunk ${hunk.number} of ${hunk.file} (${hunk.header ?? ''})`;
}

/** A symbol whose value in the configuration is not the one that the fragment asks for. */
export interface SymbolMismatch {
  readonly symbol: string;
  readonly wanted: string;
  readonly got: string;
}

export class ConfigSymbolError extends TestbedError {
  readonly code = 'E_CONFIG_SYMBOL';
  readonly exitCode = ExitCode.Build;
  readonly mismatches: readonly SymbolMismatch[];

  constructor(fragment: string, mismatches: readonly SymbolMismatch[], config: string) {
    const lines = mismatches.map(({ symbol, wanted, got }) => `${symbol}: wanted ${wanted}, got ${got}`);
    super(`${mismatches.length} symbols of ${fragment} did not take: ${lines.join('; ')}`, {
      nextStep: 'Look up what each depends on (Kconfig), and add that to the fragment.',
      excerpt: lines,
      log: config,
    });
    this.mismatches = mismatches;
  }
}

/** make failed; the message has the first error, not the last. */
export class CompileError extends TestbedError {
  readonly code = 'E_COMPILE';
  readonly exitCode = ExitCode.Build;

  constructor(what: string, firstError: string, detail: Pick<ErrorDetail, 'log' | 'excerpt' | 'cause'>) {
    super(`${what} does not compile: ${firstError}`, {
      nextStep: 'Correct the source and run the same command again. What is already compiled is kept.',
      ...detail,
    });
  }
}

/** Edits in a source tree that would be lost. */
export class TreeEditedError extends TestbedError {
  readonly code = 'E_TREE_EDITED';
  readonly exitCode = ExitCode.Build;

  constructor(line: LineId, why: string, edits: readonly string[]) {
    super(`the source tree of ${line} has edits of yours, and ${why}`, {
      nextStep:
        `Take that change back and run \`npx testbed series export ${line}\`, or drop the edits with ` +
        `\`npx testbed series discard ${line}\`: git's stash and reflog keep them.`,
      excerpt: edits,
    });
  }
}

/** A tree whose commits cannot be written as a series. */
export class SeriesExportError extends TestbedError {
  readonly code = 'E_SERIES_EXPORT';
  readonly exitCode = ExitCode.Build;

  constructor(line: LineId, what: string, nextStep: string) {
    super(`the tree of ${line} cannot be exported: ${what}`, { nextStep });
  }
}
