// SPDX-License-Identifier: MIT
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stage, type Stage } from '../../testbed/base/event/stage.js';
import type { Context } from '../../testbed/base/host/context.js';
import { identityInitrd } from '../../testbed/products/image/identity-initrd.js';
import { buildPrograms } from '../../testbed/products/image/programs.js';
import { buildKernel } from '../../testbed/products/kernel/build-kernel.js';
import { CORE } from '../../testbed/products/kernel/series/core.js';
import type { KernelProduct } from '../../testbed/products/kernel/line/kernel-product.js';
import { QEMU } from '../../testbed/machines/node/qemu-version.js';
import { testContext } from '../products/image/test-context.js';
import type { ElasticSoak } from './elasticos.js';
import { onlyEmptyLines } from './empty-lines.js';

/** What a page fault may cost more with ElasticOS in the kernel and nothing stretched, as a share. */
const MOST = 0.01;

const PATCH_OF_OURS = /^\d+-elasticos-/;

/** Kernels of one line that differ in nothing but this. Lines keep their numbers, which code names where it warns. */
type Share = 'with empty lines for ours' | 'with the option off';

/**
 * What those pay who do not use it. With CONFIG_ELASTICOS off the kernel's code is, to the byte, what it is with an empty line
 * for each line of our patches; with it on, page faults cost less than a hundredth more. Instructions are counted, not time: the guest's time
 * stamp counter counts them.
 * @throws Error when either is not so
 */
export async function soakUnused({ line, say, signal }: ElasticSoak): Promise<void> {
  const context = testContext({ signal });
  const without = await build(context, line, 'with empty lines for ours');
  const off = await build(context, line, 'with the option off');
  const wrong: string[] = [];
  const [text, textOff] = await Promise.all([textOf(context, without), textOf(context, off)]);
  const different = countDifferent(text, textOff);
  say(`${line}, option off: ${String(different)} of ${String(text.length)} bytes of .text are different`);
  if (different > 0) wrong.push(`.text of ${without.vmlinux} is not that of ${off.vmlinux}`);

  const on = await buildKernel(context, { variant: 'release', pinned: line });
  const [before, after] = [await instructions(context, off), await instructions(context, on)];
  for (const [kind, count] of before) {
    const more = (after.get(kind) ?? NaN) - count;
    const share = `${((more / count) * 100).toFixed(2)} %`;
    say(
      `${line}, ${kind}: ${count.toFixed(2)} instructions a page, ${more.toFixed(2)} (${share}) more with the option on`,
    );
    if (!(more < MOST * count)) wrong.push(`${kind} costs ${share} more`);
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

/** Trees of its own, which are kept: the user's would have to be compiled anew afterwards. */
async function build(context: Context, line: string, share: Share): Promise<KernelProduct> {
  const project = await mkdtemp(join(tmpdir(), 'unused-'));
  try {
    await layProject(context.paths.project, project, line, share);
    const paths = { ...context.paths, project, cache: join(context.paths.cache, 'unused') };
    return await buildKernel({ ...context, paths }, { variant: 'release', pinned: line });
  } finally {
    await rm(project, { recursive: true });
  }
}

/** A project with one line and no module; its core is left out where no line of ours shall be. */
async function layProject(from: string, to: string, line: string, share: Share): Promise<void> {
  const folder = join(to, 'kernel-patches', line);
  await mkdir(folder, { recursive: true });
  await cp(join(from, 'kernel-patches', 'line.schema.json'), join(to, 'kernel-patches', 'line.schema.json'));
  await cp(join(from, 'kernel-patches', line), folder, { recursive: true });
  const rewrite = async (name: string, keep: (text: string) => boolean): Promise<void> => {
    const file = join(folder, name);
    const lines = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, lines.filter(keep).join('\n'));
  };
  // Nor a copy of the configuration: being longer by a line it moves all data, and code names data by its address.
  await rewrite('config', (text) => !/^CONFIG_(ELASTICOS|IKCONFIG)/.test(text));
  if (share === 'with the option off') {
    const core = join('kernel-patches', CORE);
    await cp(join(from, core), join(to, core), { recursive: true });
    return;
  }
  const patches = join(folder, 'patches');
  for (const name of (await readdir(patches)).filter((name) => PATCH_OF_OURS.test(name))) {
    const file = join(patches, name);
    await writeFile(file, onlyEmptyLines(await readFile(file, 'utf8')));
  }
}

async function textOf({ processes }: Context, { vmlinux }: KernelProduct): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'text-'));
  try {
    const file = join(folder, 'text');
    await processes.succeed(['objcopy', '-O', 'binary', '--only-section=.text', vmlinux, file]);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Bytes that are not the same in both, and those that only the longer one has. */
function countDifferent(one: Buffer, other: Buffer): number {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return long.reduce((count, byte, at) => count + (byte === short[at] ? 0 : 1), 0);
}

/** Boots a kernel with `faultcost` as its only program. @returns instructions a page, by what is done to it */
async function instructions(
  context: Context,
  kernel: Pick<KernelProduct, 'bzImage'>,
): Promise<ReadonlyMap<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'faultcost-'));
  try {
    const init = await readFile(join(await programFolder(context), 'faultcost'));
    const initrd = join(folder, 'initrd');
    await writeFile(initrd, await identityInitrd([{ path: '/init', mode: 0o755, content: init }]));
    const { stdout } = await context.processes.succeed(machine(kernel.bzImage, initrd), {
      signal: context.signal,
    });
    const found = [...stdout.matchAll(/^faultcost: (\w+) ([\d.]+)/gm)];
    if (found.length === 0) throw new Error(`faultcost has not run: ${stdout}`);
    return new Map(found.map(([, kind = '', count]) => [kind, Number(count)]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function programFolder(context: Context): Promise<string> {
  const build = async (current: Stage): Promise<string> =>
    (await buildPrograms(context, 'faultcost', current)).folder;
  return await stage(context, 'faultcost', 'guests/faultcost', build);
}

/** A guest whose clock is its instructions. */
function machine(kernel: string, initrd: string): [string, ...string[]] {
  const words = 'console=ttyS0,115200 panic=1 no_timer_check tsc=reliable norandmaps nokaslr quiet';
  return [
    QEMU,
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-machine', 'pc', '-accel', 'tcg', '-cpu', 'max', '-smp', '1', '-m', '192M'],
    ...['-icount', 'shift=0,sleep=off', '-rtc', 'base=2026-01-01T00:00:00,clock=vm', '-serial', 'stdio'],
    ...['-kernel', kernel, '-initrd', initrd, '-append', words],
  ];
}
