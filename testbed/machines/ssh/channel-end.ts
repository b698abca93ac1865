// SPDX-License-Identifier: MIT
import type { ClientChannel } from 'ssh2';
import type { RemoteExit } from './session.js';

/** Name in a {@link RemoteExit} for the signals that dropbear does not name (SIGBUS, SIGTRAP, SIGSYS, ...). */
export const UNNAMED_SIGNAL = 'SIGUNKNOWN';

/**
 * Resolves when a channel has closed and its output has been read, with the way its command ended. Undefined when the
 * server has not said it. The `exit` event cannot be used: it may come before anybody who awaited the channel listens.
 */
export async function channelEnd(channel: ClientChannel): Promise<RemoteExit | undefined> {
  return await new Promise((resolve) => {
    channel.once('close', (code?: number | null, signal?: string) => {
      if (code === undefined) resolve(undefined);
      else if (code === null) resolve({ code: undefined, signal: signal ?? UNNAMED_SIGNAL });
      else resolve({ code, signal: undefined });
    });
  });
}
