// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { DeadlineError, patience, withDeadline } from '../../base/clock/deadline.js';
import type { Context } from '../../base/host/context.js';
import { joinInitrd } from './initrd.js';
import { Qemu } from './qemu.js';
import { qemuCommand } from './qemu-command.js';
import type { QemuSpec } from './qemu-spec.js';

/** Lines of the console in the error about a guest that hangs. */
const EXCERPT_LINES = 40;

/**
 * Starts a guest and waits until its init has written `testbed: ready <name>` on the console.
 * @throws BootError within a second of a panic, of another fault report of its kernel, or of QEMU's end
 * @throws DeadlineError with the console's last lines when it hangs
 * @throws the reason of `context.signal` when that is aborted. On every error QEMU is ended.
 */
export async function bootQemu(
  context: Context,
  spec: QemuSpec,
  { deadlineMs }: { readonly deadlineMs: number },
): Promise<Qemu> {
  const qemu = await startQemu(context, spec);
  try {
    await waitReady(context, qemu, deadlineMs);
    return qemu;
  } catch (thrown) {
    await qemu[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** Starts QEMU for `spec` and does not wait for init. */
export async function startQemu(context: Context, spec: QemuSpec): Promise<Qemu> {
  context.signal.throwIfAborted();
  const initrd = spec.initrd.length === 0 ? undefined : join(spec.folder, 'initrd');
  if (initrd !== undefined) await joinInitrd(spec.initrd, initrd);
  const running = await context.processes.start(qemuCommand(spec, initrd), {
    stdio: ['pipe', 'pipe', 'pipe', ...spec.attachment.descriptors, 'pipe'],
    cwd: spec.folder,
    orphan: 'dies',
  });
  return new Qemu(context, spec, running);
}

async function waitReady(context: Context, qemu: Qemu, deadlineMs: number): Promise<void> {
  const { clock, signal } = context;
  const what = `the boot of ${qemu.spec.name}`;
  const excerpt = (): readonly string[] => qemu.consoleTail(EXCERPT_LINES);
  try {
    await withDeadline({ what, deadlineMs, clock, signal, excerpt }, () => qemu.whileAlive(() => qemu.ready));
  } catch (thrown) {
    if (!(thrown instanceof DeadlineError)) throw thrown;
    throw new DeadlineError(what, deadlineMs * patience(), {
      excerpt: thrown.excerpt,
      log: qemu.consoleLog,
    });
  }
}
