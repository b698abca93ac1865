// SPDX-License-Identifier: MIT
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../testbed/base/clock/clock.js';
import type { Products } from '../../testbed/machines/cluster/products.js';
import type { ClusterShape } from '../../testbed/machines/cluster/shape.js';
import type { Context } from '../../testbed/base/host/context.js';
import { buildImage } from '../../testbed/products/image/build-image.js';
import { identityInitrd } from '../../testbed/products/image/identity-initrd.js';
import { buildKernel } from '../../testbed/products/kernel/build-kernel.js';
import type { LinkSpec } from '../../testbed/machines/network/network.js';
import { DisposalStack } from '../../testbed/base/lifecycle/disposal-stack.js';
import { joinInitrd } from '../../testbed/machines/node/initrd.js';
import type { QemuSpec } from '../../testbed/machines/node/qemu-spec.js';
import type { ArgumentVector } from '../../testbed/base/process/process-runner.js';
import { Coordinator, type CoordinatorEvent } from '../../testbed/virtual-time/coordinator.js';
import { guestSpecs } from '../../testbed/virtual-time/guest-specs.js';
import { startLockstepQemu } from '../../testbed/virtual-time/lockstep-qemu.js';
import { buildLockstep } from '../../testbed/products/image/lockstep-programs.js';
import { CONSOLE, STDIO, lockstepCommand } from '../../testbed/virtual-time/lockstep-command.js';
import type { VirtualTime } from '../../testbed/machines/cluster/virtual-time.js';

/** Guests, each with a shell script that its init runs; a script tells how far it is by `mark WORD [TEXT]`. */
export interface Errands {
  /** node1's first. */
  readonly scripts: readonly string[];
  readonly memoryBytes: number;
  /** `lockstep`: on one clock; `free`: the same guests without plugin and coordinator, two of them joined by `-netdev stream`. */
  readonly clock: 'lockstep' | 'free';
  /** Over when node1 has said this. */
  readonly until: string;
  /** Of the network on the common clock; a gigabit and 50 us when absent. */
  readonly link?: LinkSpec;
  /** How far guests on it may run ahead of each other; the link's delay when absent. */
  readonly quantumNs?: number;
}

/** A word of a script, and when it came. */
export interface Mark {
  readonly port: number;
  readonly word: string;
  /** What stood behind it. */
  readonly text: string;
  /** The host's seconds. */
  readonly hostSeconds: number;
  /** The guests' common seconds; absent where they have none. */
  readonly virtualSeconds?: number;
}

const MARK = /^mark: (\S+) ?([^\r\n]*)/;

const TIME: VirtualTime = {
  shift: 0,
  quantumNs: 50_000,
  seed: 1,
  queueBytes: 1_500_000,
  captureBytes: 0,
  faults: { loss: 0, duplicate: 0, reorder: { part: 0, byNs: 0 }, jitterNs: 0, cuts: [], crashes: [] },
};

const LINK: LinkSpec = { bandwidth: 1e9, delayUs: 50 };

/** Virtual seconds after which nothing more is to be expected. */
const PATIENCE_S = 3600;

/** A line's kernel, the image, and what makes the common clock. */
export async function errandProducts(context: Context, line: string): Promise<Products> {
  return {
    kernel: await buildKernel(context, { variant: 'release', pinned: line }),
    image: await buildImage(context, 'initramfs'),
    lockstep: await buildLockstep(context),
  };
}

/** Boots the guests, lets them do their errands, and ends them. @returns all marks, in the order in which they came */
export async function runErrands(
  context: Context,
  products: Products,
  folder: string,
  errands: Errands,
): Promise<readonly Mark[]> {
  await mkdir(folder, { recursive: true });
  await using owned = new DisposalStack();
  const specs = await specsOf(context, products, folder, errands);
  const marks: Mark[] = [];
  const take = (port: number, line: string, atNs?: number): boolean => {
    const [, word, text = ''] = MARK.exec(line) ?? [];
    if (word === undefined) return false;
    const hostSeconds = systemClock.now() / 1000;
    marks.push({
      port,
      word,
      text,
      hostSeconds,
      ...(atNs === undefined ? {} : { virtualSeconds: atNs / 1e9 }),
    });
    return port === 1 && word === errands.until;
  };
  if (errands.clock === 'lockstep') {
    const { link = LINK, quantumNs = link.delayUs * 1000 } = errands;
    await inLockstep(context, owned, { products, folder, specs, link, quantumNs, take });
  } else await freeRunning(context, owned, { folder, specs, take });
  if (marks.at(-1)?.word !== errands.until) throw new Error(`the guests ended before "${errands.until}"`);
  return marks;
}

/** Seconds of the host from one mark of node1's to another. */
export function hostSecondsBetween(marks: readonly Mark[], from: string, to: string): number {
  return markOf(marks, to).hostSeconds - markOf(marks, from).hostSeconds;
}

/** The same on the guests' clock. */
export function virtualSecondsBetween(marks: readonly Mark[], from: string, to: string): number {
  return (markOf(marks, to).virtualSeconds ?? NaN) - (markOf(marks, from).virtualSeconds ?? NaN);
}

function markOf(marks: readonly Mark[], word: string): Mark {
  const found = marks.find((mark) => mark.port === 1 && mark.word === word);
  if (found === undefined) throw new Error(`node1 did not say "${word}"`);
  return found;
}

type Take = (port: number, line: string, atNs?: number) => boolean;

interface Performance {
  readonly folder: string;
  readonly specs: readonly QemuSpec[];
  /** @returns whether that was the last word */
  readonly take: Take;
}

/** Each guest's own script lies over the image, where init finds it. */
async function specsOf(
  context: Context,
  products: Products,
  folder: string,
  { scripts, memoryBytes, link = LINK }: Errands,
): Promise<readonly QemuSpec[]> {
  const nodes = scripts.map(() => ({ role: 'compute', memoryBytes, cpus: 1 }) as const);
  const shape: ClusterShape = {
    nodes,
    link,
    kernelArguments: [],
    gdb: false,
    dumpOnDeath: false,
    root: 'initramfs',
    virtualTime: TIME,
  };
  const request = { shape, products, steps: [], seed: TIME.seed, folder, sockets: folder };
  const specs = await guestSpecs(context, request);
  return await Promise.all(
    // The operator stays at home.
    scripts.map(async (script, i) => {
      const spec = specs[i];
      if (spec === undefined) throw new RangeError(`there is no guest ${i + 1}`);
      const archive = join(spec.folder, 'errand.cpio');
      await writeFile(archive, await identityInitrd(errandFiles(script)));
      return { ...spec, initrd: [...spec.initrd, archive] };
    }),
  );
}

function errandFiles(script: string): Parameters<typeof identityInitrd>[0] {
  const head = ['PATH=/usr/sbin:/usr/bin:/usr/lib/testbed:/usr/lib/testbed/workloads', ...SHELL_MARK];
  const text = `${[...head, script].join('\n')}\n`;
  return [
    { path: 'etc/inittab', mode: 0o644, content: '::once:/bin/sh /etc/testbed/errand.sh\n' },
    { path: 'etc/testbed/errand.sh', mode: 0o644, content: text },
  ];
}

const SHELL_MARK = ['export PATH', 'mark() { echo "mark: $*" >/dev/console; }'];

async function inLockstep(
  context: Context,
  owned: DisposalStack,
  {
    products,
    folder,
    specs,
    link,
    quantumNs,
    take,
  }: Performance & { readonly products: Products; readonly link: LinkSpec; readonly quantumNs: number },
): Promise<void> {
  const { lockstep } = products;
  if (lockstep === undefined) throw new Error('the plugin has not been built');
  const socket = join(folder, 'clock');
  const coordinator = owned.use(
    await Coordinator.start(context, {
      program: lockstep.coordinator,
      socket,
      // It counts an operator behind the nodes.
      nodes: specs.length - 1,
      time: { ...TIME, quantumNs },
      link,
      capture: '',
      deadlineNs: PATIENCE_S * 1e9,
    }),
  );
  for (const spec of specs) {
    const clock = {
      plugin: lockstep.plugin,
      socket,
      port: spec.index,
      shift: TIME.shift,
      seed: TIME.seed,
    };
    owned.use(await startLockstepQemu(context, spec, clock));
  }
  for await (const event of coordinator.events()) {
    if (isConsole(event) && take(event.port, event.console, event.at)) return;
  }
}

function isConsole(
  event: CoordinatorEvent,
): event is Extract<CoordinatorEvent, { readonly console: string }> {
  return 'console' in event;
}

async function freeRunning(
  context: Context,
  owned: DisposalStack,
  { folder, specs, take }: Performance,
): Promise<void> {
  const last = new AbortController();
  const over = new Promise<void>((resolve) => {
    last.signal.addEventListener('abort', () => {
      resolve();
    });
  });
  for (const [i, spec] of specs.entries()) {
    const initrd = join(spec.folder, 'initrd');
    await joinInitrd(spec.initrd, initrd);
    const running = owned.use(
      await context.processes.start(freeCommand(spec, initrd, join(folder, 'cable'), i), {
        stdio: STDIO,
        cwd: spec.folder,
        orphan: 'dies',
      }),
    );
    const console_ = running.channels.get(CONSOLE);
    if (console_ === undefined) throw new Error('QEMU was started without its console');
    for (const channel of running.channels.values()) channel.on('error', () => undefined).resume();
    createInterface({ input: console_ }).on('line', (line) => {
      if (take(spec.index, line)) last.abort();
    });
    void running.exited.then(() => {
      last.abort();
    });
  }
  await over;
}

/** The command line of lockstep, without plugin, and with a cable to the other guest if there is one. */
function freeCommand(spec: QemuSpec, initrd: string, cable: string, index: number): ArgumentVector {
  const argv = [...lockstepCommand(spec, initrd, NOWHERE)];
  argv.splice(argv.indexOf('-plugin'), 2);
  const netdev = argv.indexOf('-netdev') + 1;
  const end = index % 2 === 0 ? 'server=on' : 'server=off';
  argv[netdev] = `stream,id=link,${end},addr.type=unix,addr.path=${cable}${Math.floor(index / 2)}`;
  return argv as unknown as ArgumentVector;
}

const NOWHERE = { plugin: '', socket: '', port: 1, shift: TIME.shift, seed: TIME.seed };
