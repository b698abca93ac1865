// SPDX-License-Identifier: MIT
import { totalmem } from 'node:os';
import { TestbedError } from '../../base/error/testbed-error.js';
import type { Context } from '../../base/host/context.js';
import { BASE_PACKAGES, missingPackages } from '../../base/host/packages.js';
import { planNetwork, probeNetwork } from '../../machines/network/capabilities.js';
import { kvmBarrier } from '../../machines/node/accelerator.js';
import { qemuVersion } from '../../machines/node/qemu-version.js';
import { byteText } from '../../products/store/byte-text.js';
import { freeBytes } from '../../products/store/disk-space.js';
import type { Finding } from './finding.js';

/** Space for trees, objects and products of two kernel lines with their debug variants. */
const DISK_WANTED = 12 * 2 ** 30;

/** Memory for two debug guests and a compiler. */
const MEMORY_WANTED = 4 * 2 ** 30;

/** Tries everything that the testbed needs from this host. */
export async function examineHost(context: Context): Promise<readonly Finding[]> {
  return [
    nodeFinding(),
    await examined('Debian packages', async () => packagesFinding(context)),
    await examined('QEMU', async () => good('QEMU', (await qemuVersion(context)).text)),
    await examined('accelerator', acceleratorFinding),
    ...(await networkFindings(context)),
    await diskFinding(context),
    memoryFinding(),
  ];
}

function good(what: string, text: string): Finding {
  return { what, verdict: 'good', text };
}

async function examined(what: string, examine: () => Promise<Finding>): Promise<Finding> {
  try {
    return await examine();
  } catch (thrown) {
    if (!(thrown instanceof TestbedError)) throw thrown;
    return { what, verdict: 'missing', text: `${thrown.message}. ${thrown.nextStep}` };
  }
}

function nodeFinding(): Finding {
  return good('Node.js', process.version);
}

async function packagesFinding(context: Context): Promise<Finding> {
  const what = 'Debian packages';
  const missing = await missingPackages(context, BASE_PACKAGES);
  if (missing.length === 0) return good(what, `${BASE_PACKAGES.length} are there`);
  const text = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  return { what, verdict: 'missing', text };
}

/** Whether KVM works is only known once a kernel has been booted under it, which `up` does. */
async function acceleratorFinding(): Promise<Finding> {
  const what = 'accelerator';
  const barrier = await kvmBarrier();
  if (barrier === undefined) return good(what, '/dev/kvm opens; the first boot tells whether it works');
  return { what, verdict: 'limited', text: `tcg: ${barrier}` };
}

async function networkFindings(context: Context): Promise<readonly Finding[]> {
  const capabilities = await probeNetwork(context);
  const { kind, isolation, reasons } = planNetwork(capabilities);
  const verdict = kind === 'bridge' ? 'good' : 'limited';
  const network: Finding = {
    what: 'network',
    verdict,
    text: [`${kind}, isolation: ${isolation}`, ...reasons].join('; '),
  };
  const delay: Finding =
    capabilities.netem === true
      ? good('delay', 'sch_netem on the host')
      : {
          what: 'delay',
          verdict: 'limited',
          text: `no sch_netem on the host (${capabilities.netem}): guests delay their own frames`,
        };
  return [network, delay];
}

async function diskFinding(context: Context): Promise<Finding> {
  const free = await freeBytes(context.paths.cache);
  const text = `${byteText(free)} free at ${context.paths.cache}`;
  if (free >= DISK_WANTED) return good('disk', text);
  return {
    what: 'disk',
    verdict: 'limited',
    text: `${text}; two lines with debug variants take ${byteText(DISK_WANTED)}`,
  };
}

function memoryFinding(): Finding {
  const memory = totalmem();
  if (memory >= MEMORY_WANTED) return good('memory', byteText(memory));
  return {
    what: 'memory',
    verdict: 'limited',
    text: `${byteText(memory)}; debug kernels need ${byteText(MEMORY_WANTED)}`,
  };
}
