// SPDX-License-Identifier: MIT
import type { NodeStatus } from '../../supervisor/protocol.js';
import type { ProcessView } from './snapshot.js';

/** What is wrong with a testbed now, a sentence each. */
export function alarmsOf(nodes: readonly NodeStatus[], processes: readonly ProcessView[]): readonly string[] {
  return [...nodes.flatMap(ofNode), ...processes.flatMap(ofProcess)];
}

function ofNode({ name, reason, connected, lostDisks, oomKills }: NodeStatus): readonly string[] {
  return [
    ...(reason === undefined ? [] : [`${name} is dead: ${reason}`]),
    ...(connected ? [] : [`${name} is cut off the network`]),
    ...lostDisks.map((disk) => `${disk} of ${name} has lost its server`),
    ...(oomKills === 0 ? [] : [`the OOM killer of ${name} has ended ${oomKills} processes`]),
  ];
}

function ofProcess({ pid, name, state, places }: ProcessView): readonly string[] {
  const what = `${name} (pid ${pid})`;
  return [
    ...(state === 'dead' ? [`${what} has lost a node and ends`] : []),
    ...places.filter(({ connected }) => !connected).map(({ node }) => `${what} has no connection to ${node}`),
  ];
}
