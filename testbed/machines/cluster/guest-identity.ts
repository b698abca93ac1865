// SPDX-License-Identifier: MIT
import type { IdentityFile } from '../../products/image/identity-initrd.js';
import { SCRIPTS } from '../flow/flow.js';
import { pairsOf } from '../flow/pairing.js';
import type { Attachment } from '../network/network.js';
import type { ClusterShape } from './shape.js';
import { ownTimeNs } from './virtual-time.js';

export interface IdentityFacts {
  readonly index: number;
  /** The name of a guest that is not a node. `node<index>` when absent. */
  readonly name?: string;
  readonly shape: ClusterShape;
  readonly attachments: readonly Attachment[];
  readonly prefixLength: number;
  /** The host key in dropbear's own format. */
  readonly hostKey: Buffer;
  /** A line for authorized_keys. */
  readonly loginPublicKey: string;
  /** The secret that the testbed's ElasticOS managers share. */
  readonly managerKey: Buffer;
}

/** `node1` for index 1. */
export function nodeName(index: number): string {
  return `node${index}`;
}

/**
 * A task does not hang only because the host does not run the emulated processor for a while. 2.6.38 has no kernel
 * argument for this, so init sets it.
 */
const SYSCTLS = 'kernel.hung_task_timeout_secs=240';

/** The files of a guest's identity archive. */
export function identityFiles(facts: IdentityFacts): readonly IdentityFile[] {
  const name = facts.name ?? nodeName(facts.index);
  return [
    { path: 'etc/testbed/identity', mode: 0o644, content: identityVariables(facts) },
    { path: 'etc/environment', mode: 0o644, content: elasticEnvironment(facts) },
    { path: 'etc/hostname', mode: 0o644, content: `${name}\n` },
    { path: 'etc/hosts', mode: 0o644, content: hosts(facts.attachments) },
    { path: 'etc/dropbear/dropbear_ed25519_host_key', mode: 0o600, content: facts.hostKey },
    { path: 'etc/elastic/key', mode: 0o600, content: `${facts.managerKey.toString('hex')}\n` },
    { path: 'root/.ssh/authorized_keys', mode: 0o600, content: `${facts.loginPublicKey}\n` },
  ];
}

/**
 * What the set-up scripts are told when they are run by hand, named as in the 2018 release of ElasticOS. The other node is
 * the one with which a set-up flow pairs this one. A flow sets variables of its own.
 */
function elasticEnvironment({ index, shape, attachments }: IdentityFacts): string {
  const peer = attachments.find((attachment) => attachment.index === peerOf(shape, index));
  const own = attachments.find((attachment) => attachment.index === index);
  const variables = {
    ...(own === undefined ? {} : { EOS_LOCAL_ADDRESS: own.address }),
    ...(peer === undefined ? {} : { EOS_REMOTE_MACHINE: peer.address }),
    EOS_REMOTE_PS_PORT: 8022,
    EOS_RESTART_LISTENER_PORT: 9999,
    EOS_DIR: SCRIPTS,
  };
  return Object.entries(variables)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** Index of a node that has the other role: of a compute node, the one that it is paired with; of a memory node, the first. */
function peerOf({ nodes }: ClusterShape, index: number): number | undefined {
  const places = nodes.map(({ role }, i) => ({ role, index: i + 1 }));
  if (nodes[index - 1]?.role === 'memory') return places.find(({ role }) => role === 'compute')?.index;
  return pairsOf(places).find(({ compute }) => compute?.index === index)?.memory?.index;
}

function identityVariables(facts: IdentityFacts): string {
  const { index, shape, attachments } = facts;
  const own = attachments.find((attachment) => attachment.index === index);
  const variables: Record<string, string | number> = {
    NODE_NAME: facts.name ?? nodeName(index),
    NODE_INDEX: index,
    NODE_ADDRESS: own?.address ?? '',
    NODE_PREFIX: facts.prefixLength,
    NODE_COUNT: shape.nodes.length,
    NODE_ROLE: shape.nodes[index - 1]?.role ?? 'compute',
    NODE_SYSCTLS: SYSCTLS,
    ...freezesOf(shape, facts.name ?? nodeName(index)),
    ...(own?.sshAddress === undefined ? {} : { NODE_SSH_ADDRESS: own.sshAddress }),
  };
  return Object.entries(variables)
    .map(([key, value]) => `${key}='${String(value)}'\n`)
    .join('');
}

/** By the node's own clock: pairs of nanoseconds. */
function freezesOf({ virtualTime }: ClusterShape, name: string): Record<string, string> {
  const faults = virtualTime?.faults;
  const freezes = (faults?.freezes ?? []).filter(({ node }) => node === name);
  if (faults === undefined || freezes.length === 0) return {};
  const instants = freezes.flatMap(({ fromNs, toNs }) => [fromNs, toNs]);
  return { NODE_FREEZES: instants.map((at) => String(ownTimeNs(faults, name, at))).join(' ') };
}

function hosts(attachments: readonly Attachment[]): string {
  const rows = attachments.map(({ index, address }) => `${address} ${nodeName(index)}\n`);
  return ['127.0.0.1 localhost\n', ...rows].join('');
}
