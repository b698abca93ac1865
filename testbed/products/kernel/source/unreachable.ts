// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import type { Context } from '../../../base/host/context.js';
import { changeState, readState } from '../../../base/host/state-file.js';

/** A host that could not be reached is not tried again for this time, so that a second `up` need not wait for it. */
const MEMORY_MS = 60 * 60 * 1000;

interface Failure {
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string;
}

type Surroundings = Pick<Context, 'paths' | 'clock'>;

/** Why a host could not be reached within the last hour; undefined when that is not known. */
export async function recentFailure(context: Surroundings, host: string): Promise<string | undefined> {
  const failure = (await readState<Failure>(stateFile(context)))[host];
  if (failure === undefined) return undefined;
  const age = context.clock.date().getTime() - new Date(failure.at).getTime();
  return age >= 0 && age < MEMORY_MS ? `${failure.reason} (tried at ${failure.at})` : undefined;
}

export async function rememberFailure(context: Surroundings, host: string, reason: string): Promise<void> {
  const failure: Failure = { at: context.clock.date().toISOString(), reason };
  await changeState(stateFile(context), host, failure);
}

export async function forgetFailure(context: Surroundings, host: string): Promise<void> {
  await changeState(stateFile(context), host, undefined);
}

function stateFile(context: Pick<Context, 'paths'>): string {
  return join(context.paths.state, 'unreachable-hosts.json');
}
