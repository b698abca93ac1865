// SPDX-License-Identifier: MIT
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { CellRecord, Measurement } from '../../../testbed/experiment/result/cell-record.js';
import type { Run, RunCell } from '../../../testbed/experiment/result/load-run.js';
import { digestOf } from '../../../testbed/virtual-time/digest.js';
import { evidenceOf } from '../../../testbed/virtual-time/kept-evidence.js';
import { writtenRun } from '../../experiment/result/written-run.js';
import { temporaryFolder } from '../../products/image/test-context.js';

/** One cell: a search that is stretched over two nodes, in virtual time. */
export const ONE_CELL = {
  time: 'virtual',
  memory: { computeNode: '96M', budget: '16M' },
  systems: ['elasticos'],
  workloads: ['linear-search'],
  footprints: ['32M'],
  repeats: 1,
};

export const CONSOLE = '0.100000000 Linux version 6.1\n0.200000000 Freeing initrd memory\n';

/** Two set-up flows of a step each, then the cell's script, of which step 5 is the workload. */
export const TRANSCRIPT = [
  '1.000000000 ready',
  '1.100000000 begin 1',
  '1.200000000 end 1 0',
  '1.300000000 begin 2',
  '1.400000000 end 2 0',
  '1.500000000 begin 3',
  '1.600000000 end 3 0',
  '1.700000000 begin 4',
  '1.800000000 end 4 0',
  '1.900000000 begin 5',
  '3.000000000 end 5 0',
  '3.010000000 out 5 Zm91bmQK',
  '3.100000000 begin 6',
  '3.200000000 end 6 0',
  '4.000000000 over',
  '',
].join('\n');

/** A frame of a capture: when and between whom it was sent, and a byte of what is in it. */
export interface KeptFrame {
  readonly atNs: number;
  readonly from: number;
  readonly to: number;
  readonly mark: number;
}

/** What a run has left behind, where it differs from the usual. */
export interface Left {
  readonly console?: string;
  readonly transcript?: string;
  readonly frames?: readonly KeptFrame[];
  readonly scenario?: object;
  readonly inputs?: object;
  readonly counters?: object;
  readonly report?: object;
  readonly wireBytes?: number;
}

/** A run of one cell with its evidence in a folder that goes with the test. */
export async function keptRun(t: ExecutionContext, left: Left = {}): Promise<Run> {
  const folder = await temporaryFolder(t);
  const run = await writtenRun(() => ({ seconds: 2, shellSeconds: [1] }), { ...ONE_CELL, ...left.scenario });
  const cells = await Promise.all(run.cells.map(async (each) => keptCell(folder, each, left)));
  return { ...run, folder, cells };
}

async function keptCell(folder: string, { cell, result }: RunCell, left: Left): Promise<RunCell> {
  if (result === undefined) throw new Error('every cell was run');
  const [consoles, kept] = [`consoles/${cell.id}`, `virtual-time/${cell.id}`];
  await write(folder, `${consoles}/node1.log`, left.console ?? CONSOLE);
  await write(folder, `${consoles}/node2.log`, CONSOLE);
  await write(folder, `${consoles}/operator.log`, CONSOLE);
  await write(folder, `${kept}/transcript.log`, left.transcript ?? TRANSCRIPT);
  await write(folder, `${kept}/network.pcap`, captureOf(left.frames ?? []));
  const record: CellRecord = {
    ...result,
    flows: [
      { name: 'setup-dest', environment: {}, steps: [{ step: 'prepare', node: 'node2' }] },
      { name: 'setup-src', environment: {}, steps: [{ step: 'start', node: 'node1' }] },
    ],
    ...(result.measurement === undefined ? {} : { measurement: measured(result.measurement, left) }),
    consoles: ['node1', 'node2', 'operator'].map((name) => `${consoles}/${name}.log`),
    virtualTime: {
      digest: '',
      virtualNanoseconds: 4e9,
      frames: left.frames?.length ?? 0,
      inputs: { qemu: '1'.repeat(64), lockstep: '2'.repeat(64), plan: '3'.repeat(64), ...left.inputs },
      transcript: `${kept}/transcript.log`,
      capture: `${kept}/network.pcap`,
    },
  };
  return { cell, result: await withDigest(folder, record) };
}

async function withDigest(folder: string, record: CellRecord): Promise<CellRecord> {
  const evidence = evidenceOf({ folder }, record);
  if (record.virtualTime === undefined || evidence === undefined) throw new Error('it has evidence');
  return { ...record, virtualTime: { ...record.virtualTime, digest: await digestOf(evidence) } };
}

function measured({ report, elastic, network, ...rest }: Measurement, left: Left): Measurement {
  return {
    ...rest,
    network: { ...network, wireBytes: left.wireBytes ?? network.wireBytes },
    ...(report === undefined ? {} : { report: { ...report, ...left.report } }),
    ...(elastic === undefined
      ? {}
      : { elastic: { ...elastic, counters: { ...elastic.counters, ...left.counters } } }),
  };
}

async function write(folder: string, path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

const FILE_HEADER = Buffer.alloc(24);

/** A capture as lockstep/capture.c writes it. */
function captureOf(frames: readonly KeptFrame[]): Buffer {
  return Buffer.concat([FILE_HEADER, ...frames.map(recordOf)]);
}

function recordOf({ atNs, from, to, mark }: KeptFrame): Buffer {
  const content = Buffer.from([0x52, 0x54, 0, 0x77, 0, to, 0x52, 0x54, 0, 0x77, 0, from, 8, 0, mark]);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(Math.floor(atNs / 1e9), 0);
  header.writeUInt32LE(atNs % 1e9, 4);
  header.writeUInt32LE(content.length, 8);
  header.writeUInt32LE(content.length, 12);
  return Buffer.concat([header, content]);
}
