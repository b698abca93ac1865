// SPDX-License-Identifier: MIT
import { WorkloadOutputError } from './errors.js';
import { workloads, type Workload, type WorkloadRun } from './workload.js';

/** The line of JSON that a workload prints at its end. */
export interface WorkloadReport extends WorkloadRun {
  /** Bytes that the data structures occupy; at most `bytes`. */
  readonly bytesTouched: number;
  readonly passes: number;
  /** 16 hexadecimal digits. */
  readonly checksum: string;
  readonly fillNanoseconds: number;
  /** Of the measured phase. */
  readonly elapsedNanoseconds: number;
}

const KEYS = [
  'workload',
  'bytes',
  'bytesTouched',
  'seed',
  'passes',
  'checksum',
  'fillNanoseconds',
  'elapsedNanoseconds',
] as const;

type Fields = Readonly<Record<(typeof KEYS)[number], unknown>>;

/**
 * Reads a workload's output, which must be one report and nothing else.
 * @param asked what the program was told to do; when given, the report must be about that
 * @throws WorkloadOutputError
 */
export function parseReport(text: string, asked?: WorkloadRun): WorkloadReport {
  try {
    const report = toReport(fieldsOf(text));
    if (asked !== undefined) compare(report, asked);
    return report;
  } catch (thrown) {
    throw new WorkloadOutputError(thrown instanceof Problem ? thrown.message : 'it is no JSON', text, thrown);
  }
}

class Problem extends Error {}

function fieldsOf(text: string): Fields {
  if (!/^[^\n]+\n?$/.test(text)) throw new Problem('it is not one line');
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Problem('it is no object');
  for (const key of KEYS) if (!Object.hasOwn(value, key)) throw new Problem(`${key} is missing`);
  for (const key of Object.keys(value)) {
    if (!(KEYS as readonly string[]).includes(key)) throw new Problem(`${key} is not known`);
  }
  return value as Fields;
}

function toReport(fields: Fields): WorkloadReport {
  const workload = knownWorkload(fields.workload);
  const report = {
    workload: workload.name,
    bytes: count(fields, 'bytes'),
    bytesTouched: count(fields, 'bytesTouched'),
    seed: seed(fields.seed),
    passes: count(fields, 'passes'),
    checksum: checksum(fields.checksum),
    fillNanoseconds: count(fields, 'fillNanoseconds'),
    elapsedNanoseconds: count(fields, 'elapsedNanoseconds'),
  };
  if (report.passes !== workload.passes) {
    throw new Problem(`${report.passes} passes instead of ${workload.passes}`);
  }
  if (report.bytesTouched > report.bytes) throw new Problem('it touched more bytes than it was given');
  return report;
}

function knownWorkload(value: unknown): Workload {
  const found = workloads.find((workload) => workload.name === value);
  if (found === undefined) throw new Problem('workload is not known');
  return found;
}

function count(fields: Fields, key: keyof Fields): number {
  const value = fields[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Problem(`${key} is not a whole number`);
}

function seed(value: unknown): bigint {
  if (typeof value === 'string' && /^(0|[1-9][0-9]{0,19})$/.test(value) && BigInt(value) < 1n << 64n) {
    return BigInt(value);
  }
  throw new Problem('seed is not the decimal digits of 64 bits');
}

function checksum(value: unknown): string {
  if (typeof value === 'string' && /^[0-9a-f]{16}$/.test(value)) return value;
  throw new Problem('checksum is not 16 hexadecimal digits');
}

function compare(report: WorkloadReport, asked: WorkloadRun): void {
  for (const key of ['workload', 'bytes', 'seed'] as const) {
    if (report[key] !== asked[key]) {
      throw new Problem(`${key} is ${String(report[key])}, but ${String(asked[key])} was asked for`);
    }
  }
}
