// SPDX-License-Identifier: MIT
import type { CellRecord, Measurement } from '../../../testbed/experiment/result/cell-record.js';
import type { Run } from '../../../testbed/experiment/result/load-run.js';
import type { Cell } from '../../../testbed/experiment/scenario/plan.js';
import { EXAMPLE_PRODUCTS, examplePlan } from '../run/example-run.js';

/** What a cell's record says; undefined for a cell that was not run. */
export type Outcome = Partial<Pick<CellRecord, 'status' | 'reason' | 'error'>> & {
  readonly seconds?: number;
  readonly noisy?: boolean;
  /** Processor time of its shells, in seconds, node2 first. */
  readonly shellSeconds?: readonly number[];
};

/** A run as if it had been made, with round figures. */
export async function writtenRun(
  outcomeOf: (cell: Cell) => Outcome | undefined,
  fields: object = {},
): Promise<Run> {
  const plan = await examplePlan(fields);
  const { kernel, image } = EXAMPLE_PRODUCTS;
  const { name, kind, key, sha256, bytes, packages } = image;
  return {
    folder: 'results/example',
    record: {
      format: 1,
      id: '20260101T000000Z-example-0123456',
      startedAt: '2026-01-01T00:00:00.000Z',
      plan,
      kernel: { ...kernel.provenance, key: kernel.key },
      image: { name, kind, key, sha256, bytes, packages },
      qemu: 'QEMU emulator version 7.2.22',
      host: {
        processor: 'Example CPU',
        processors: 2,
        memoryBytes: 8 * 2 ** 30,
        kernel: '6.1.0',
        system: 'Debian GNU/Linux 12 (bookworm)',
      },
      testbed: { version: '0.1.0', node: 'v20.19.0', git: { commit: '0123456789abcdef', dirty: true } },
    },
    cells: plan.cells.map((cell) => ({ cell, result: recordOf(cell, outcomeOf(cell)) })),
  };
}

function recordOf(cell: Cell, outcome: Outcome | undefined): CellRecord | undefined {
  if (outcome === undefined) return undefined;
  const { seconds, noisy, shellSeconds, status = 'ok', ...rest } = outcome;
  const { id, system, workload, footprintBytes, seed, repeat } = cell;
  return {
    format: 1,
    ...{ id, system, workload, footprintBytes, seed, repeat },
    status,
    ...rest,
    startedAt: '2026-01-01T00:00:00.000Z',
    wallSeconds: 10,
    flows: [],
    ...(seconds === undefined
      ? {}
      : { measurement: { ...measurement(seconds, noisy ?? false), ...elasticPart(shellSeconds) } }),
    consoles: [`consoles/${id}/node1.log`],
  };
}

function measurement(seconds: number, noisy: boolean): Measurement {
  const checksum = '00000000c0ffee00';
  return {
    end: { how: 'exit', code: 0 },
    report: {
      bytesTouched: 128 * 2 ** 20,
      passes: 1,
      checksum,
      fillNanoseconds: 1e8,
      elapsedNanoseconds: seconds * 1e9,
    },
    expected: { checksum, bytesTouched: 128 * 2 ** 20 },
    process: {
      elapsedSeconds: seconds,
      userSeconds: seconds / 2,
      systemSeconds: 0,
      majorFaults: seconds * 1000,
      minorFaults: 100,
      peakResidentBytes: 64 * 2 ** 20,
    },
    paging: { majorFaults: 0, pagesSwappedIn: 0, pagesSwappedOut: 0 },
    clock: { guestSeconds: seconds, hostSecondsAtLeast: seconds, hostSecondsAtMost: seconds },
    network: { sentBytes: 2 ** 20, receivedBytes: 2 ** 20, wireBytes: 2 ** 21 },
    host: { loadAverage: { before: 1, after: 1 }, others: noisy ? 0.3 : 0, stolen: 0, noisy },
    oomKills: [],
  };
}

function elasticPart(shellSeconds: readonly number[] | undefined): Pick<Measurement, 'elastic'> {
  if (shellSeconds === undefined) return {};
  const shells = shellSeconds.map((userSeconds, index) => ({
    node: `node${index + 2}`,
    userSeconds,
    systemSeconds: 0,
    peakResidentBytes: 2 ** 20,
  }));
  const counters = {
    jumps: 50,
    jumpBytes: 40_000,
    pulls: 1234,
    pulledPages: 5000,
    pushes: 200,
    pushedPages: 6400,
    bytesSent: 5e7,
  };
  return { elastic: { shells, counters } };
}
