// SPDX-License-Identifier: MIT
import type { BuildRequest } from '../../api/build/build-request.js';
import type { Run } from '../../experiment/result/load-run.js';
import { parseGivenSource } from '../../products/kernel/source/given-source.js';
import { GivenSourceError } from '../../products/kernel/line/errors.js';
import type { Invocation } from './command.js';
import { UsageError } from './errors.js';

/**
 * The request made by the flags --kernel, --debug, --kernel-source, --qemu and --no-install. Flags that are not given add
 * nothing.
 * @throws UsageError
 */
export function buildFlags(invocation: Invocation): BuildRequest {
  const kernel = invocation.text('kernel');
  const qemu = invocation.text('qemu');
  const sources = invocation.texts('kernel-source').map(sourceFlag);
  return {
    installPackages: !invocation.flag('no-install'),
    kernelSources: Object.fromEntries(sources.map(({ line, path }) => [line, path])),
    ...(kernel === undefined ? {} : { kernel }),
    ...(qemu === undefined ? {} : { qemu }),
    ...(invocation.flag('debug') ? { variant: 'debug' } : {}),
  };
}

function sourceFlag(text: string): ReturnType<typeof parseGivenSource> {
  try {
    return parseGivenSource(text);
  } catch (thrown) {
    if (!(thrown instanceof GivenSourceError)) throw thrown;
    throw new UsageError(`--kernel-source: ${thrown.message}`, thrown.nextStep);
  }
}

/** The request that builds what a run was made with, to repeat its cells in virtual time. Flags override it. */
export function buildAgain({ record }: Run, invocation: Invocation): BuildRequest {
  const { kernel, plan, qemuFrom } = record;
  return {
    kernels: [kernel.line],
    variant: kernel.variant,
    image: plan.root,
    virtualTime: true,
    ...(qemuFrom === undefined ? {} : { qemu: qemuFrom }),
    ...buildFlags(invocation),
  };
}
