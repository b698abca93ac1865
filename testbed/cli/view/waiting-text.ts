// SPDX-License-Identifier: MIT
import type { StageWaiting } from '../../base/event/event.js';
import { duration } from './duration.js';

/** What a silent stage waits for: `no news for 20 s; waits for the boot of node1, which said last: ...`. */
export function waitingText({ silentMs, what, last }: StageWaiting): string {
  const silence = `no news for ${duration(silentMs)}`;
  if (what === undefined) return silence;
  return `${silence}; waits for ${what}${last === undefined ? '' : `, which said last: ${last.trim()}`}`;
}
