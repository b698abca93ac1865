// SPDX-License-Identifier: MIT
import { readFile, readlink, writeFile } from 'node:fs/promises';
import type { Context } from '../../base/host/context.js';
import { ProgramFailedError } from '../../base/process/errors.js';
import { HOST_ADDRESS, nodeAddress, nodeMac, PREFIX_LENGTH } from './addressing.js';
import { NotIsolatedError } from './errors.js';
import { batch, SBIN_PATH } from './iproute.js';
import type { Attachment, LinkSpec, Network, TrafficCounters } from './network.js';
import { framesInFlight, shapingOf, type Shaping } from './shaping.js';

const BRIDGE = 'cluster';

/**
 * Devices of one node. The tap and one end of a veth pair share a bridge, so that the veth pair is the node's cable.
 * What the node sends leaves by `up`, what it receives leaves by `down`, and each end has its own shaping. (Only one
 * direction of a tap can be shaped. Shaping the other one needs a classifier, which a host may lack.)
 */
interface Cable {
  readonly tap: string;
  readonly lan: string;
  readonly up: string;
  readonly down: string;
}

function cableOf(index: number): Cable {
  return { tap: `tap${index}`, lan: `lan${index}`, up: `up${index}`, down: `down${index}` };
}

/**
 * Makes bridge, cables, taps and shaping for nodes 1 to `nodes` in the current network namespace, which must be a
 * fresh one, and gives the testbed the address 10.77.0.254.
 * @throws NotIsolatedError when the namespace is the host's, or already has a network
 * @throws ProgramFailedError when ip or tc refuse something that probeNetwork has not tried
 */
export async function createBridgeNetwork(
  context: Context,
  { nodes, link }: { readonly nodes: number; readonly link: LinkSpec },
): Promise<Network> {
  await refuseForeignNamespace();
  await configureNamespace();
  const cables = Array.from({ length: nodes }, (_, i) => cableOf(i + 1));
  const shaping = shapingOf(link);
  try {
    await batch(context, 'ip', ['link set lo up', ...bridgeLines(), ...cables.flatMap(cableLines)]);
    await batch(
      context,
      'tc',
      cables.flatMap((cable) => shapingLines(cable, shaping)),
    );
    const delay = await delayed(context, cables, link);
    return new BridgeNetwork(context, cables, shaping, delay);
  } catch (thrown) {
    await removeDevices(context, cables);
    throw thrown;
  }
}

/** Only the testbed itself makes a namespace that is not the init process's, and a fresh one has no routes. */
async function refuseForeignNamespace(): Promise<void> {
  const [routes, own, init] = await Promise.all([
    readFile('/proc/net/route', 'utf8'),
    readlink('/proc/self/ns/net'),
    // In a user namespace, init's namespace may not be readable. Then this one is another.
    readlink('/proc/1/ns/net').catch(() => ''),
  ]);
  const headingOnly = routes.trim().split('\n').length === 1;
  if (own === init || !headingOnly) throw new NotIsolatedError();
}

/**
 * Settings of the namespace. One is absent when the host's kernel lacks the feature that it belongs to.
 * IPv6: router solicitations and duplicate address detection of our own devices would be counted as traffic of nodes.
 * br_netfilter: a frame that passes the host's firewall code is no longer accounted to its sender, so the sender is not
 * slowed down when a queue is full.
 */
const SETTINGS: readonly (readonly [string, string])[] = [
  ['ipv6/conf/all/disable_ipv6', '1'],
  ['ipv6/conf/default/disable_ipv6', '1'],
  ['bridge/bridge-nf-call-iptables', '0'],
  ['bridge/bridge-nf-call-ip6tables', '0'],
  ['bridge/bridge-nf-call-arptables', '0'],
];

async function configureNamespace(): Promise<void> {
  for (const [setting, value] of SETTINGS) {
    try {
      await writeFile(`/proc/sys/net/${setting}`, value);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    }
  }
}

function bridgeLines(): readonly string[] {
  return [
    `link add ${BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `address add ${HOST_ADDRESS}/${PREFIX_LENGTH} dev ${BRIDGE}`,
    `link set ${BRIDGE} up`,
  ];
}

function cableLines({ tap, lan, up, down }: Cable): readonly string[] {
  return [
    `link add ${lan} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `link set ${lan} up`,
    `tuntap add dev ${tap} mode tap vnet_hdr`,
    `link set ${tap} master ${lan} up`,
    `link add ${up} type veth peer name ${down}`,
    `link set ${up} master ${lan} up`,
    `link set ${down} master ${BRIDGE} up`,
  ];
}

function shapingLines({ up, down }: Cable, { rate, burstBytes, queueBytes }: Shaping): readonly string[] {
  return [up, down].map(
    (device) =>
      `qdisc add dev ${device} root handle 1: tbf rate ${rate}bit burst ${burstBytes} limit ${queueBytes}`,
  );
}

/** On its way from node to node a frame passes one `up` end, which adds the whole delay. */
async function delayed(
  context: Context,
  cables: readonly Cable[],
  link: LinkSpec,
): Promise<Network['delay']> {
  if (link.delayUs === 0) return 'none';
  const lines = cables.map(
    ({ up }) =>
      `qdisc add dev ${up} parent 1:1 handle 10: netem delay ${link.delayUs}us limit ${framesInFlight(link)}`,
  );
  try {
    await batch(context, 'tc', lines);
    return 'host';
  } catch (thrown) {
    if (thrown instanceof ProgramFailedError) return 'guests';
    throw thrown;
  }
}

/** Several networks may follow each other in one namespace, so each one removes its devices. */
async function removeDevices(context: Context, cables: readonly Cable[]): Promise<void> {
  const devices = cables.flatMap(({ tap, lan, up }) => [tap, up, lan]);
  const lines = [...devices, BRIDGE].map((device) => `link delete ${device}`);
  await context.processes.run(['ip', '-force', '-batch', '-'], {
    input: lines.map((line) => `${line}\n`).join(''),
    env: { PATH: SBIN_PATH },
  });
}

/** The output of `tc -s -j qdisc show` for one queueing discipline. */
interface QdiscStatistics {
  readonly kind: string;
  readonly dev: string;
  readonly root?: boolean;
  /** After segmentation, headers included: qdisc_pkt_len_init() in net/core/dev.c. */
  readonly bytes: number;
}

class BridgeNetwork implements Network {
  readonly kind = 'bridge';
  readonly prefixLength = PREFIX_LENGTH;
  readonly shortfalls: readonly string[];
  readonly #context: Context;
  readonly #cables: readonly Cable[];
  readonly #shaping: Shaping;

  constructor(
    context: Context,
    cables: readonly Cable[],
    shaping: Shaping,
    readonly delay: Network['delay'],
  ) {
    this.#context = context;
    this.#cables = cables;
    this.#shaping = shaping;
    this.shortfalls =
      delay === 'guests' ? ['the host has no sch_netem: frames are delayed by the guests themselves'] : [];
  }

  attach(index: number): Promise<Attachment> {
    const { tap } = this.#cable(index);
    const mac = nodeMac(index);
    const address = nodeAddress(index);
    const { sendBufferBytes } = this.#shaping;
    return Promise.resolve({
      index,
      mac,
      address,
      qemuArguments: [
        '-netdev',
        `tap,id=link,ifname=${tap},script=no,downscript=no,vhost=off,sndbuf=${sendBufferBytes}`,
        '-device',
        `virtio-net-pci,netdev=link,mac=${mac},romfile=`,
      ],
      descriptors: [],
      ssh: { host: address, port: 22 },
    });
  }

  async counters(index: number): Promise<TrafficCounters> {
    const { up, down } = this.#cable(index);
    const { stdout } = await this.#context.processes.succeed(['tc', '-s', '-j', 'qdisc', 'show'], {
      env: { PATH: SBIN_PATH },
    });
    const qdiscs = JSON.parse(stdout) as readonly QdiscStatistics[];
    return { sentBytes: tbfOf(qdiscs, up).bytes, receivedBytes: tbfOf(qdiscs, down).bytes };
  }

  async setConnected(index: number, connected: boolean): Promise<void> {
    const { down } = this.#cable(index);
    const place = connected ? `master ${BRIDGE}` : 'nomaster';
    await batch(this.#context, 'ip', [`link set ${down} ${place}`]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeDevices(this.#context, this.#cables);
  }

  #cable(index: number): Cable {
    const cable = this.#cables[index - 1];
    if (cable === undefined) throw new RangeError(`the network has no node ${index}`);
    return cable;
  }
}

function tbfOf(qdiscs: readonly QdiscStatistics[], device: string): QdiscStatistics {
  const found = qdiscs.find(({ kind, dev, root }) => kind === 'tbf' && dev === device && root === true);
  if (found === undefined) throw new Error(`${device} has lost its shaping`);
  return found;
}
