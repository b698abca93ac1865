// SPDX-License-Identifier: MIT
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../base/host/make-folder.js';
import type { Context } from '../../base/host/context.js';
import { identityInitrd } from '../../products/image/identity-initrd.js';
import { modulesInitrd } from '../../products/image/modules.js';
import { createOverlay } from '../../products/image/overlay.js';
import type { DiskSpec, QemuSpec } from '../node/qemu-spec.js';
import { dropbearHostKey, openSshPublicKey } from '../ssh/keys.js';
import type { ClusterPlan } from './cluster.js';
import { identityFiles, nodeName } from './guest-identity.js';
import type { NodeShape } from './shape.js';

/**
 * Makes a node's folder with the files that only this node uses: identity, root overlay, scratch disk.
 * @returns how its QEMU is started
 */
export async function makeNodeFolder(context: Context, plan: ClusterPlan, index: number): Promise<QemuSpec> {
  const shape = plan.shape.nodes[index - 1];
  const attachment = plan.attachments[index - 1];
  if (shape === undefined || attachment === undefined)
    throw new RangeError(`the cluster has no node ${index}`);
  const { kernel, image } = plan.products;
  const folder = join(plan.folder, nodeName(index));
  await makeFolder(folder);
  return {
    name: nodeName(index),
    index,
    memoryBytes: shape.memoryBytes,
    cpus: shape.cpus,
    kernel,
    initrd: [image.initrd, await modulesInitrd(context, kernel), await identityFile(plan, index, folder)],
    disks: await disksOf(context, plan, shape, folder),
    attachment,
    accelerator: plan.accelerator,
    ...(plan.products.qemu === undefined ? {} : { qemu: plan.products.qemu.program }),
    folder,
    kernelArguments: plan.shape.kernelArguments,
    dumpOnDeath: plan.shape.dumpOnDeath,
    ...(plan.shape.gdb ? { gdbSocket: join(plan.sockets, `gdb${index}`) } : {}),
  };
}

async function identityFile(plan: ClusterPlan, index: number, folder: string): Promise<string> {
  const host = plan.keys.hosts[index - 1];
  if (host === undefined) throw new RangeError(`no keys were made for node ${index}`);
  const files = identityFiles({
    index,
    shape: plan.shape,
    attachments: plan.attachments,
    prefixLength: plan.network.prefixLength,
    hostKey: dropbearHostKey(host),
    loginPublicKey: openSshPublicKey(plan.keys.login),
    managerKey: plan.keys.managers,
  });
  const path = join(folder, 'identity.cpio');
  await writeFile(path, await identityInitrd(files), { mode: 0o600 });
  return path;
}

/** /dev/vda is the root file system, if it is on a disk. A scratch disk comes after it. */
async function disksOf(
  context: Context,
  plan: ClusterPlan,
  shape: NodeShape,
  folder: string,
): Promise<readonly DiskSpec[]> {
  const disks: DiskSpec[] = [];
  if (plan.shape.root === 'disk') {
    const path = join(folder, 'root.qcow2');
    await createOverlay(context, plan.products.image, path);
    disks.push({ path, format: 'qcow2' });
  }
  if (shape.disk !== undefined) {
    const { bytes, throttle } = shape.disk;
    const path = join(folder, 'scratch.raw');
    await sparseFile(path, bytes);
    disks.push({ path, format: 'raw', ...(throttle === undefined ? {} : { throttle }) });
  }
  return disks;
}

async function sparseFile(path: string, bytes: number): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, 'w', 0o600);
  try {
    await file.truncate(bytes);
  } finally {
    await file.close();
  }
}
