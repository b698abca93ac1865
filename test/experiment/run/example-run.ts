// SPDX-License-Identifier: MIT
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import type { Products } from '../../../testbed/machines/cluster/products.js';
import type { TestbedEvent } from '../../../testbed/base/event/event.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import { parseScenario } from '../../../testbed/experiment/scenario/load-scenario.js';
import { type Plan, planScenario } from '../../../testbed/experiment/scenario/plan.js';
import { fakeProcesses } from '../../base/process/fake-processes.js';

/** Two workloads, local and nbd-swap, twice. */
export async function examplePlan(fields: object = {}): Promise<Plan> {
  const text = JSON.stringify({
    name: 'example',
    memory: { computeNode: '96M' },
    systems: ['local', 'nbd-swap'],
    workloads: ['heap-sort', 'dijkstra'],
    footprints: ['128M'],
    repeats: 2,
    deadline: '60s',
    ...fields,
  });
  return planScenario(await parseScenario({ paths: systemPaths() }, 'example.json', text));
}

/** Products that nobody has built. */
export const EXAMPLE_PRODUCTS: Products = {
  kernel: {
    line: 'linux-6.1',
    variant: 'release',
    release: '6.1.0-example',
    key: 'a'.repeat(64),
    bzImage: 'bzImage',
    vmlinux: 'vmlinux',
    modules: 'modules',
    provenance: {
      line: 'linux-6.1',
      variant: 'release',
      release: '6.1.0-example',
      source: { origin: 'given', sha256: 'b'.repeat(64) },
      choice: 'pinned by --kernel',
      patches: [],
      configSha256: 'c'.repeat(64),
      compiler: 'gcc (Debian 12.2.0-14) 12.2.0',
    },
  },
  image: {
    kind: 'initramfs',
    name: 'initramfs',
    key: 'd'.repeat(64),
    path: 'initramfs.gz',
    initrd: 'initramfs.gz',
    sha256: 'e'.repeat(64),
    bytes: 10_000_000,
    packages: ['busybox 1:1.35.0-4'],
  },
};

/** A context whose results go to a folder of the test's own, with all events that it was told. */
export async function exampleContext(
  t: ExecutionContext,
  { signal }: Pick<AbortController, 'signal'> = new AbortController(),
): Promise<Context & { readonly seen: TestbedEvent[] }> {
  const project = await mkdtemp(join(tmpdir(), 'testbed-run-'));
  t.teardown(() => rm(project, { recursive: true, force: true }));
  // All of the project that a run reads.
  await writeFile(join(project, 'package.json'), '{"version": "0.1.0"}');
  const seen: TestbedEvent[] = [];
  return {
    paths: { ...systemPaths(), project, results: join(project, 'results') },
    clock: systemClock,
    processes: fakeProcesses(([program]) =>
      program === 'git' ? { code: 128 } : { stdout: 'QEMU emulator version 7.2.22 (Debian)\n' },
    ),
    events: (event) => seen.push(event),
    signal,
    offline: true,
    seen,
  };
}
