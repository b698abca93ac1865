// SPDX-License-Identifier: MIT
import type { SshSession } from '../ssh/session.js';
import { listensIn, SOCKETS } from './evidence.js';
import type { Role } from './flow.js';

/** A node's place in a flow. */
export interface FlowPlace {
  readonly name: string;
  readonly role: Role;
  /** Its address on the testbed's network. */
  readonly address: string;
}

/** What a flow may ask of a node. */
export interface FlowNode extends FlowPlace {
  /** Runs the script of a step, as {@link SshSession.exec}. */
  readonly exec: SshSession['exec'];
  /** Whether something listens on a TCP port. */
  readonly listens: (port: number, signal: AbortSignal) => Promise<boolean>;
}

/** A node that a flow uses over ssh. */
export function flowNodeOverSsh(place: FlowPlace, session: Pick<SshSession, 'exec'>): FlowNode {
  return {
    ...place,
    exec: async (argv, options) => session.exec(argv, options),
    listens: async (port, signal) => listensIn((await session.exec(SOCKETS, { signal })).stdout, port),
  };
}
