// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import type { ArgumentVector } from '../../base/process/process-runner.js';
import { BridgeUnavailableError, NoTunError } from './errors.js';
import { tryBatch, type BatchFailures } from './iproute.js';

/** How the testbed is isolated from the host's network. */
export type Isolation = 'namespace' | 'user-namespace' | 'none';

/** The network features that this host allows. They were tried in a throw-away namespace. */
export interface NetworkCapabilities {
  readonly isolation: Isolation;
  /** True, or the kernel's reason why not. */
  readonly tun: true | string;
  readonly bridge: true | string;
  readonly veth: true | string;
  readonly tbf: true | string;
  readonly netem: true | string;
}

/** Which network a testbed gets. */
export interface NetworkPlan {
  readonly kind: 'bridge' | 'switch';
  readonly isolation: Isolation;
  /** Why it is not the better kind; empty for `bridge`. */
  readonly reasons: readonly string[];
}

const LINK_TRIALS = [
  'tuntap add dev trial0 mode tap vnet_hdr',
  'link add trial1 type bridge',
  'link add trial2 type veth peer name trial3',
];

const QDISC_TRIALS = [
  'qdisc replace dev lo root tbf rate 1000000000bit burst 250000 limit 625000',
  'qdisc replace dev lo root netem delay 1ms',
];

const ENTRANCES: readonly (readonly [Isolation, ArgumentVector])[] = [
  ['namespace', ['unshare', '--net', '--']],
  ['user-namespace', ['unshare', '--user', '--map-root-user', '--net', '--']],
];

/** Tries as root, then in a user namespace. Leaves nothing behind. Takes some tens of milliseconds. */
export async function probeNetwork(context: Context): Promise<NetworkCapabilities> {
  for (const [isolation, enter] of ENTRANCES) {
    const links = await tryBatch(context, enter, 'ip', LINK_TRIALS);
    if (links === undefined) continue;
    const qdiscs = await tryBatch(context, enter, 'tc', QDISC_TRIALS);
    return {
      isolation,
      tun: verdict(links, 0),
      bridge: verdict(links, 1),
      veth: verdict(links, 2),
      tbf: verdict(qdiscs, 0),
      netem: verdict(qdiscs, 1),
    };
  }
  const none = 'no network namespace of our own';
  return { isolation: 'none', tun: none, bridge: none, veth: none, tbf: none, netem: none };
}

function verdict(failures: BatchFailures | undefined, line: number): true | string {
  return failures === undefined ? 'could not be tried' : (failures.get(line) ?? true);
}

/**
 * The best network that the host allows, or the one that is asked for.
 * @throws NoTunError, BridgeUnavailableError when `bridge` is asked for and not possible
 */
export function planNetwork(
  capabilities: NetworkCapabilities,
  wish: 'auto' | 'bridge' | 'switch' = 'auto',
): NetworkPlan {
  const { isolation } = capabilities;
  if (wish === 'switch') return { kind: 'switch', isolation, reasons: ['a switch was asked for'] };
  const missing = missingForBridge(capabilities);
  if (missing.length === 0) return { kind: 'bridge', isolation, reasons: [] };
  if (wish === 'auto') return { kind: 'switch', isolation, reasons: missing };
  if (isolation !== 'none' && capabilities.tun !== true) throw new NoTunError(capabilities.tun);
  throw new BridgeUnavailableError(missing);
}

function missingForBridge(capabilities: NetworkCapabilities): readonly string[] {
  if (capabilities.isolation === 'none') {
    return ['neither root nor user namespaces: no network namespace can be made'];
  }
  const parts = [
    ['/dev/net/tun', capabilities.tun],
    ['bridge', capabilities.bridge],
    ['veth', capabilities.veth],
    ['sch_tbf', capabilities.tbf],
  ] as const;
  return parts.flatMap(([part, verdict]) => (verdict === true ? [] : [`${part}: ${verdict}`]));
}
