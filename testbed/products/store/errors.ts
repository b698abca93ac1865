// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError, type ErrorDetail } from '../../base/error/testbed-error.js';
import { byteText } from './byte-text.js';

/** There is not enough free space. Found before something large is begun, or while it is written. */
export class DiskFullError extends TestbedError {
  readonly code = 'E_DISK_FULL';
  readonly exitCode = ExitCode.Host;

  /** @param needed bytes; undefined when that cannot be told */
  constructor(
    what: string,
    path: string,
    needed: number | undefined,
    free: number,
    detail: Partial<ErrorDetail> = {},
  ) {
    const wish = needed === undefined ? 'more room' : byteText(needed);
    super(`${what} needs ${wish} on the file system of ${path}, and ${byteText(free)} are free`, {
      nextStep: '`npx testbed cache prune` frees what is no longer used; TESTBED_CACHE names another place.',
      ...detail,
    });
  }
}
