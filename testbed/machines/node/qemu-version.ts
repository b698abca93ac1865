// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import { ProgramFailedError, ProgramMissingError } from '../../base/process/errors.js';
import { QemuMissingError, QemuTooOldError } from './errors.js';

export const QEMU = 'qemu-system-x86_64';

/** The first QEMU with `-netdev stream`. */
const OLDEST = { major: 7, minor: 2 };

export interface QemuVersion {
  readonly major: number;
  readonly minor: number;
  /** The whole first line of `--version`, for provenance. */
  readonly text: string;
}

/**
 * @param program by default the host's own
 * @throws QemuMissingError when there is none
 * @throws QemuTooOldError below 7.2
 */
export async function qemuVersion(context: Context, program = QEMU): Promise<QemuVersion> {
  const version = parseQemuVersion(await askVersion(context, program));
  const { major, minor } = version;
  if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
    throw new QemuTooOldError(`${major}.${minor}`, `${OLDEST.major}.${OLDEST.minor}`);
  }
  return version;
}

async function askVersion({ processes, signal }: Context, program: string): Promise<string> {
  try {
    return (await processes.succeed([program, '--version'], { signal })).stdout;
  } catch (thrown) {
    if (thrown instanceof ProgramMissingError || thrown instanceof ProgramFailedError) {
      throw new QemuMissingError(thrown);
    }
    throw thrown;
  }
}

/** Reads `QEMU emulator version 7.2.22 (Debian ...)`. @throws QemuMissingError when it is something else */
export function parseQemuVersion(output: string): QemuVersion {
  const found = /^QEMU emulator version (\d+)\.(\d+)\b.*$/m.exec(output);
  if (found === null) throw new QemuMissingError(new Error(output.slice(0, 200)));
  return { major: Number(found[1]), minor: Number(found[2]), text: found[0].trim() };
}
