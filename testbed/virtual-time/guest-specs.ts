// SPDX-License-Identifier: MIT
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../base/host/make-folder.js';
import type { IdentityFile } from '../products/image/identity-initrd.js';
import { identityFiles, nodeName } from '../machines/cluster/guest-identity.js';
import type { Products } from '../machines/cluster/products.js';
import type { ClusterShape } from '../machines/cluster/shape.js';
import type { Context } from '../base/host/context.js';
import { identityInitrd } from '../products/image/identity-initrd.js';
import { modulesInitrd } from '../products/image/modules.js';
import { HOST_ADDRESS, nodeAddress, nodeMac, PREFIX_LENGTH } from '../machines/network/addressing.js';
import type { Attachment } from '../machines/network/network.js';
import type { QemuSpec } from '../machines/node/qemu-spec.js';
import {
  dropbearHostKey,
  makeTestbedKeys,
  openSshPublicKey,
  type TestbedKeys,
} from '../machines/ssh/keys.js';
import { type PlannedStep, planFiles } from './operator-plan.js';
import { nicArguments } from './lockstep-command.js';

/** The guest that runs the plan. It has the address that the host has in wall time. */
export const OPERATOR = 'operator';

/** 6.1 does not unpack its root file system with less than 96 MiB. */
const OPERATOR_BYTES = 128 * 2 ** 20;

export interface GuestsRequest {
  readonly shape: ClusterShape;
  readonly products: Products;
  readonly steps: readonly PlannedStep[];
  readonly seed: number;
  /** Each guest gets a folder in it. */
  readonly folder: string;
  /** A short path, for gdb's sockets. */
  readonly sockets: string;
}

/** Makes the folders of all guests: of the nodes, then of the operator. All keys are made from the seed. */
export async function guestSpecs(context: Context, request: GuestsRequest): Promise<readonly QemuSpec[]> {
  const { shape, seed } = request;
  const count = shape.nodes.length;
  const keys = makeTestbedKeys(count + 1, `virtual time ${seed}`);
  const attachments = shape.nodes.map((_, i) => attachment(i + 1, nodeAddress(i + 1)));
  const operator = attachment(count + 1, HOST_ADDRESS);
  const nodes = shape.nodes.map(({ memoryBytes }, i) => ({
    name: nodeName(i + 1),
    memoryBytes,
    attachment: attachments[i] ?? operator,
    files: identity(keys, { index: i + 1, shape, attachments }),
  }));
  const driver = {
    name: OPERATOR,
    memoryBytes: OPERATOR_BYTES,
    attachment: operator,
    files: operatorFiles(keys, request, [...attachments, operator]),
  };
  return await Promise.all([...nodes, driver].map(async (guest) => specOf(context, request, guest)));
}

function attachment(index: number, address: string): Attachment {
  const mac = nodeMac(index);
  return {
    index,
    mac,
    address,
    qemuArguments: nicArguments(mac),
    descriptors: [],
    ssh: { host: address, port: 22 },
  };
}

interface Place {
  readonly index: number;
  readonly name?: string;
  readonly shape: ClusterShape;
  readonly attachments: readonly Attachment[];
}

function identity(keys: TestbedKeys, place: Place): readonly IdentityFile[] {
  const host = keys.hosts[place.index - 1];
  if (host === undefined) throw new RangeError(`no keys were made for guest ${place.index}`);
  return identityFiles({
    ...place,
    prefixLength: PREFIX_LENGTH,
    hostKey: dropbearHostKey(host),
    loginPublicKey: openSshPublicKey(keys.login),
    managerKey: keys.managers,
  });
}

function operatorFiles(
  keys: TestbedKeys,
  { shape, steps }: GuestsRequest,
  attachments: readonly Attachment[],
): readonly IdentityFile[] {
  const names = shape.nodes.map((_, i) => nodeName(i + 1));
  const known = names.map((name, i) => {
    const key = keys.hosts[i];
    return key === undefined ? '' : `${name} ${openSshPublicKey(key)}\n`;
  });
  return [
    ...identity(keys, { index: attachments.length, name: OPERATOR, shape, attachments }),
    { path: 'root/.ssh/id_dropbear', mode: 0o600, content: dropbearHostKey(keys.login) },
    { path: 'root/.ssh/known_hosts', mode: 0o600, content: known.join('') },
    { path: 'etc/inittab', mode: 0o644, content: '::once:/usr/lib/testbed/operator.sh\n' },
    ...planFiles(names, steps),
  ];
}

async function specOf(
  context: Context,
  { shape, products, folder: parent, sockets }: GuestsRequest,
  guest: {
    readonly name: string;
    readonly memoryBytes: number;
    readonly attachment: Attachment;
    readonly files: readonly IdentityFile[];
  },
): Promise<QemuSpec> {
  const { name, memoryBytes } = guest;
  const { kernel, image } = products;
  const folder = join(parent, name);
  await makeFolder(folder);
  const own = join(folder, 'identity.cpio');
  await writeFile(own, await identityInitrd(guest.files), { mode: 0o600 });
  return {
    name,
    index: guest.attachment.index,
    memoryBytes,
    cpus: 1,
    kernel,
    initrd: [image.initrd, await modulesInitrd(context, kernel), own],
    disks: [],
    attachment: guest.attachment,
    accelerator: 'tcg',
    ...(products.qemu === undefined ? {} : { qemu: products.qemu.program }),
    folder,
    kernelArguments: shape.kernelArguments,
    ...(shape.gdb && name !== OPERATOR ? { gdbSocket: join(sockets, `gdb${guest.attachment.index}`) } : {}),
  };
}
