// SPDX-License-Identifier: MIT
import type { Run, RunCell } from './load-run.js';
import { timeShares } from './time-shares.js';

type Field = string | number | boolean | undefined;

/** Columns, in order. A figure that is missing is an empty field. */
const COLUMNS: Readonly<Record<string, (each: RunCell, run: Run) => Field>> = {
  run: (_, { record }) => record.id,
  kernel: (_, { record }) => record.kernel.release,
  variant: (_, { record }) => record.kernel.variant,
  cell: ({ cell }) => cell.id,
  system: ({ cell }) => cell.system,
  workload: ({ cell }) => cell.workload,
  footprint_bytes: ({ cell }) => cell.footprintBytes,
  seed: ({ cell }) => cell.seed,
  repeat: ({ cell }) => cell.repeat,
  status: ({ result }) => result?.status ?? 'missing',
  reason: ({ result }) => result?.reason,
  elapsed_ns: ({ result }) => result?.measurement?.report?.elapsedNanoseconds,
  fill_ns: ({ result }) => result?.measurement?.report?.fillNanoseconds,
  bytes_touched: ({ result }) => result?.measurement?.report?.bytesTouched,
  checksum: ({ result }) => result?.measurement?.report?.checksum,
  major_faults: ({ result }) => result?.measurement?.process?.majorFaults,
  minor_faults: ({ result }) => result?.measurement?.process?.minorFaults,
  peak_resident_bytes: ({ result }) => result?.measurement?.process?.peakResidentBytes,
  user_s: ({ result }) => result?.measurement?.process?.userSeconds,
  system_s: ({ result }) => result?.measurement?.process?.systemSeconds,
  pages_swapped_in: ({ result }) => result?.measurement?.paging.pagesSwappedIn,
  pages_swapped_out: ({ result }) => result?.measurement?.paging.pagesSwappedOut,
  wire_bytes: ({ result }) => result?.measurement?.network.wireBytes,
  sent_bytes: ({ result }) => result?.measurement?.network.sentBytes,
  received_bytes: ({ result }) => result?.measurement?.network.receivedBytes,
  jumps: ({ result }) => result?.measurement?.elastic?.counters.jumps,
  jump_bytes: ({ result }) => result?.measurement?.elastic?.counters.jumpBytes,
  pulls: ({ result }) => result?.measurement?.elastic?.counters.pulls,
  pulled_pages: ({ result }) => result?.measurement?.elastic?.counters.pulledPages,
  pushes: ({ result }) => result?.measurement?.elastic?.counters.pushes,
  pushed_pages: ({ result }) => result?.measurement?.elastic?.counters.pushedPages,
  elastic_bytes: ({ result }) => result?.measurement?.elastic?.counters.bytesSent,
  time_by_node: ({ result }) =>
    result?.measurement === undefined
      ? undefined
      : timeShares(result.measurement)
          ?.map((share) => share.toFixed(4))
          .join(' '),
  link_bits_per_second: ({ result }) => result?.machines?.link?.throughput,
  link_round_trip_us: ({ result }) => result?.machines?.link?.roundTripUs.median,
  host_others: ({ result }) => result?.measurement?.host.others,
  host_stolen: ({ result }) => result?.measurement?.host.stolen,
  noisy: ({ result }) => result?.measurement?.host.noisy,
  started_at: ({ result }) => result?.startedAt,
  wall_s: ({ result }) => result?.wallSeconds,
};

/** A row for each cell, with a heading (RFC 4180). */
export function csvOf(run: Run): string {
  const rows = run.cells.map((cell) => Object.values(COLUMNS).map((field) => field(cell, run)));
  return [Object.keys(COLUMNS), ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

function quoted(field: Field): string {
  const text = field === undefined ? '' : String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
