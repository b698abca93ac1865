// SPDX-License-Identifier: MIT
import type { Context } from '../../../base/host/context.js';

/** What compiles a kernel. */
export interface Toolchain {
  /** First line of `gcc --version`. */
  readonly compiler: string;
  /** First line of `ld --version`. */
  readonly linker: string;
}

export async function readToolchain(context: Pick<Context, 'processes' | 'signal'>): Promise<Toolchain> {
  const [compiler, linker] = await Promise.all([firstLine(context, 'gcc'), firstLine(context, 'ld')]);
  return { compiler, linker };
}

async function firstLine(context: Pick<Context, 'processes' | 'signal'>, program: string): Promise<string> {
  const options = { env: { LC_ALL: 'C' }, signal: context.signal };
  const { stdout } = await context.processes.succeed([program, '--version'], options);
  return stdout.split('\n', 1)[0] ?? '';
}
