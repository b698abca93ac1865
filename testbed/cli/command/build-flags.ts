// SPDX-License-Identifier: MIT
import type { BuildRequest } from '../../api/build/build-request.js';
import type { Run } from '../../experiment/result/load-run.js';
import { parseGivenSource } from '../../products/kernel/source/given-source.js';
import type { Invocation } from './command.js';

/**
 * What the flags --kernel, --debug, --kernel-source, --qemu and --no-install ask for; nothing for those not given.
 * @throws GivenSourceError
 */
export function buildFlags(invocation: Invocation): BuildRequest {
  const kernel = invocation.text('kernel');
  const qemu = invocation.text('qemu');
  const sources = invocation.texts('kernel-source').map(parseGivenSource);
  return {
    installPackages: !invocation.flag('no-install'),
    kernelSources: Object.fromEntries(sources.map(({ line, path }) => [line, path])),
    ...(kernel === undefined ? {} : { kernel }),
    ...(qemu === undefined ? {} : { qemu }),
    ...(invocation.flag('debug') ? { variant: 'debug' } : {}),
  };
}

/** What a run was made of, for doing its cells in virtual time once more; flags go before it. */
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
