// SPDX-License-Identifier: MIT
import type { SshSession } from '../ssh/session.js';
import type { LinkSpec, Network } from './network.js';
import { framesInFlight } from './shaping.js';

/**
 * Delays what each guest sends, with netem in the guest's own kernel, when the network says `delay: 'guests'`. Otherwise
 * it does nothing. Call it after boot, and again after a node's reboot.
 * @throws RemoteCommandFailed when the guest's kernel has no netem
 */
export async function emulateDelayInGuests(
  network: Pick<Network, 'delay'>,
  sessions: readonly SshSession[],
  link: LinkSpec,
  signal?: AbortSignal,
): Promise<void> {
  if (network.delay !== 'guests') return;
  const argv = [
    ...['tc', 'qdisc', 'replace', 'dev', 'eth0', 'root', 'netem'],
    ...['delay', `${link.delayUs}us`, 'limit', String(framesInFlight(link))],
  ] as unknown as [string, ...string[]];
  await Promise.all(sessions.map((session) => session.succeed(argv, signal === undefined ? {} : { signal })));
}
