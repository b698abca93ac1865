// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { stage } from '../../base/event/stage.js';
import type { Context } from '../../base/host/context.js';
import { buildPrograms } from './programs.js';

/** The programs that make guests share a clock, built on this host. */
export interface LockstepPrograms {
  /** A TCG plugin. It has to be preloaded as well. */
  readonly plugin: string;
  readonly coordinator: string;
}

/** Builds testbed/virtual-time/lockstep, or finds it in the store. Stage: `virtual-time`. @throws ProgramBuildError */
export async function buildLockstep(context: Context): Promise<LockstepPrograms> {
  return await stage(context, 'virtual-time', 'Virtual time', async (current) => {
    const source = join('testbed', 'virtual-time', 'lockstep');
    const { folder } = await buildPrograms(context, 'lockstep', current, source);
    return { plugin: join(folder, 'lockstep.so'), coordinator: join(folder, 'coordinator') };
  });
}
