// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { DeadlineError, patience, withDeadline } from '../../base/clock/deadline.js';
import type { Context } from '../../base/host/context.js';
import { joinInitrd } from './initrd.js';
import { Machine } from './machine.js';
import type { BootedNode, NodeSpec } from './node.js';
import { qemuCommand } from './qemu-command.js';

/** Lines of the console in the error about a guest that hangs. */
const EXCERPT_LINES = 40;

/**
 * Starts a guest and waits until its init has written `testbed: ready <name>` on the console.
 * @throws BootError within a second of a panic, of any other report of its kernel, or of QEMU's end
 * @throws DeadlineError with the console's last lines when it hangs
 * @throws the reason of `context.signal` when that is aborted; nothing is left running then either
 */
export async function bootNode(
  context: Context,
  spec: NodeSpec,
  { deadlineMs }: { readonly deadlineMs: number },
): Promise<BootedNode> {
  const machine = await startMachine(context, spec);
  try {
    await waitReady(context, machine, deadlineMs);
    machine.markBooted();
    return machine;
  } catch (thrown) {
    await machine[Symbol.asyncDispose]();
    throw thrown;
  }
}

/** Starts QEMU for `spec` without waiting for anything: for who waits for something else than init. */
export async function startMachine(context: Context, spec: NodeSpec): Promise<Machine> {
  context.signal.throwIfAborted();
  const initrd = spec.initrd.length === 0 ? undefined : join(spec.folder, 'initrd');
  if (initrd !== undefined) await joinInitrd(spec.initrd, initrd);
  const running = await context.processes.start(qemuCommand(spec, initrd), {
    stdio: ['pipe', 'pipe', 'pipe', ...spec.attachment.descriptors, 'pipe'],
    cwd: spec.folder,
    orphan: 'dies',
  });
  return new Machine(context, spec, running);
}

async function waitReady(context: Context, machine: Machine, deadlineMs: number): Promise<void> {
  const { clock, signal } = context;
  const what = `the boot of ${machine.spec.name}`;
  const excerpt = (): readonly string[] => machine.consoleTail(EXCERPT_LINES);
  try {
    await withDeadline({ what, deadlineMs, clock, signal, excerpt }, () =>
      machine.whileAlive(() => machine.ready),
    );
  } catch (thrown) {
    if (!(thrown instanceof DeadlineError)) throw thrown;
    throw new DeadlineError(what, deadlineMs * patience(), {
      excerpt: thrown.excerpt,
      log: machine.consoleLog,
    });
  }
}
