// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../base/host/make-folder.js';
import { DeadlineError, withDeadline } from '../../base/clock/deadline.js';
import type { Context } from '../../base/host/context.js';
import type { KernelProduct } from '../../products/kernel/line/kernel-product.js';
import type { Attachment } from '../network/network.js';
import { startQemu } from './boot.js';
import type { QemuSpec } from './qemu-spec.js';
import { qemuVersion } from './qemu-version.js';

const KVM_DEVICE = '/dev/kvm';

/** With a KVM that works, the boot takes less than a second. */
const PROBE_MS = 15_000;

export interface AcceleratorChoice {
  readonly accelerator: 'kvm' | 'tcg';
  /** Why, for the screen and for provenance. */
  readonly reason: string;
}

/** The guest of the probe has no NIC. */
const UNATTACHED: Attachment = {
  index: 1,
  mac: '',
  address: '',
  qemuArguments: [],
  descriptors: [],
  ssh: { host: '', port: 0 },
};

/**
 * Chooses KVM where it works, otherwise TCG. That /dev/kvm can be opened is not enough: some nested KVMs make a virtual
 * machine and then cannot run a kernel. So the kernel is booted under KVM, with the arguments of a node but without an
 * initrd, until it looks for its root file system. The answer is remembered for this boot of the host, host kernel, QEMU
 * and guest kernel. A missing KVM is never an error.
 * @throws QemuMissingError, QemuTooOldError
 */
export async function chooseAccelerator(
  context: Context,
  kernel: KernelProduct,
  program?: string,
  device = KVM_DEVICE,
): Promise<AcceleratorChoice> {
  const qemu = await qemuVersion(context, program);
  const barrier = await kvmBarrier(device);
  if (barrier !== undefined) return { accelerator: 'tcg', reason: barrier };
  const memory = join(context.paths.state, 'accelerator', `${await probeKey(qemu.text, kernel)}.json`);
  const known = await recall(memory);
  if (known !== undefined) return known;
  const choice = await probeKvm(context, kernel, program);
  await remember(memory, choice);
  return choice;
}

/** Why KVM need not be tried. Undefined when the device can be opened. */
export async function kvmBarrier(device = KVM_DEVICE): Promise<string | undefined> {
  try {
    await access(device, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return code === 'ENOENT' ? `there is no ${device}` : `${device} may not be opened (${code ?? ''})`;
  }
}

async function probeKvm(
  context: Context,
  kernel: KernelProduct,
  program: string | undefined,
): Promise<AcceleratorChoice> {
  const parent = join(context.paths.state, 'accelerator');
  await makeFolder(parent);
  const folder = await mkdtemp(join(parent, 'probe-'));
  try {
    const trouble = await troubleBooting(context, {
      ...PROBE_SPEC,
      ...(program === undefined ? {} : { qemu: program }),
      kernel,
      folder,
    });
    if (trouble === undefined) return { accelerator: 'kvm', reason: 'a kernel has booted under KVM' };
    return { accelerator: 'tcg', reason: `KVM was tried and does not work: ${trouble}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const PROBE_SPEC: Omit<QemuSpec, 'kernel' | 'folder'> = {
  name: 'probe',
  index: 1,
  memoryBytes: 256 * 1024 * 1024,
  cpus: 1,
  initrd: [],
  disks: [],
  attachment: UNATTACHED,
  accelerator: 'kvm',
  kernelArguments: [],
};

/** Undefined when the kernel panics because it has no root file system, which is the last step. Otherwise what happened. */
async function troubleBooting(context: Context, spec: QemuSpec): Promise<string | undefined> {
  const { clock, signal } = context;
  // Console lines of the probe are not events.
  const qemu = await startQemu({ ...context, events: () => undefined }, spec);
  try {
    const death = await withDeadline(
      { what: 'a boot', deadlineMs: PROBE_MS, clock, signal },
      () => qemu.died,
    );
    return death.line.includes('VFS: Unable to mount root fs') ? undefined : death.line;
  } catch (thrown) {
    if (thrown instanceof DeadlineError) return thrown.message;
    throw thrown;
  } finally {
    await qemu[Symbol.asyncDispose]();
  }
}

/** The host's boot id is in the key, so KVM is probed again after a reboot. */
async function probeKey(qemu: string, kernel: KernelProduct): Promise<string> {
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const inputs = [release(), bootId, qemu, kernel.key];
  return createHash('sha256').update(inputs.join('\n')).digest('hex').slice(0, 32);
}

async function recall(path: string): Promise<AcceleratorChoice | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as AcceleratorChoice;
  } catch {
    // There is no record, or it cannot be read. KVM is probed again.
    return undefined;
  }
}

async function remember(path: string, choice: AcceleratorChoice): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(choice)}\n`);
  await rename(temporary, path);
}
