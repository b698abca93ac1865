// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Context } from '../../base/host/context.js';
import { treePlace } from '../../products/kernel/line/place.js';
import type { KernelProduct } from '../../products/kernel/line/kernel-product.js';
import { ProgramMissingError } from '../../base/process/errors.js';

/** A guest that gdb can reach, and the kernel that it runs. */
export interface Debuggee {
  readonly kernel: Pick<KernelProduct, 'line' | 'vmlinux'>;
  readonly socket: string;
}

/**
 * Runs gdb on a guest, with the kernel's symbols and sources. It has the terminal until the user leaves it.
 * @param rest more arguments for gdb, after those that connect it
 * @returns gdb's status
 * @throws ProgramMissingError
 */
export async function debug(
  { paths }: Pick<Context, 'paths'>,
  { kernel, socket }: Debuggee,
  rest: readonly string[],
): Promise<number> {
  // The paths in vmlinux are relative to the source tree, since products must not depend on where they were built.
  const { source } = treePlace(paths, kernel.line);
  const orders = [`directory ${source}`, `target remote ${socket}`].flatMap((order) => ['-ex', order]);
  const restore = leaveInterruptsToOthers();
  try {
    const child = spawn('gdb', [kernel.vmlinux, ...orders, ...rest], { stdio: 'inherit' });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } catch (thrown) {
    throw new ProgramMissingError('gdb', thrown);
  } finally {
    restore();
  }
}

/** Ctrl-C reaches this process as well as gdb. In gdb it stops the guest; here it is ignored. */
function leaveInterruptsToOthers(): () => void {
  const ours = process.listeners('SIGINT');
  const ignore = (): void => undefined;
  process.removeAllListeners('SIGINT').on('SIGINT', ignore);
  return () => {
    process.off('SIGINT', ignore);
    for (const listener of ours) process.on('SIGINT', listener);
  };
}
