// SPDX-License-Identifier: MIT
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunOutcome } from '../../testbed/experiment/run/run-plan.js';
import { projectRoot } from '../../testbed/base/host/paths.js';
import type { CellRecord } from '../../testbed/experiment/result/cell-record.js';
import type { SystemId } from '../../testbed/experiment/scenario/scenario.js';
import { WORKLOAD_NAMES } from '../../testbed/experiment/workload/workload.js';
import type { Tool } from '../guest/tool.js';
import type { Figure } from './figure.js';

/** What one workload did in one system. */
interface Did {
  readonly seconds: number;
  readonly wireMegabytes: number;
  readonly residentMegabytes: number;
}

type Table = ReadonlyMap<string, Did>;

/** Half of the main run's, so that a bench takes a quarter of an hour and not a whole one. */
const BUDGET = '16M';
const FOOTPRINT = '32M';
const SYSTEMS: readonly SystemId[] = ['nbd-swap', 'nbd-swap-readahead', 'elasticos', 'elasticos-nojump'];

/**
 * The main run with half of the memory, once: six workloads twice as large as their home budget, stretched over three
 * nodes, against swapping over the network as the 2018 scripts set it and at its best.
 * @throws Error when a cell is not ok
 */
export async function workloadFigures(tool: Tool, kernel: string): Promise<readonly Figure[]> {
  const { folder } = await tool.json<RunOutcome>('run', await smaller(tool), '--kernel', kernel);
  const table = await read(folder);
  return [
    ...linearSearch(table),
    ...WORKLOAD_NAMES.map((workload) => againstTheBetter(table, workload)),
    geometricMean(table),
    ...WORKLOAD_NAMES.map((workload) => againstPulling(table, workload)),
    ...WORKLOAD_NAMES.map((workload) => wire(table, workload)),
    ...WORKLOAD_NAMES.map((workload) => resident(table, workload)),
  ];
}

async function smaller(tool: Tool): Promise<string> {
  const main = JSON.parse(await readFile(join(projectRoot(), 'scenarios', 'elasticos.json'), 'utf8')) as {
    readonly memory: object;
  };
  const scenario = {
    ...main,
    name: 'elasticos-bench',
    memory: { ...main.memory, budget: BUDGET },
    systems: SYSTEMS,
    repeats: 1,
  };
  const file = join(tool.folder, 'elasticos-bench.json');
  await writeFile(file, JSON.stringify(scenario));
  return file;
}

async function read(folder: string): Promise<Table> {
  const table = new Map<string, Did>();
  for (const system of SYSTEMS)
    for (const workload of WORKLOAD_NAMES) {
      const file = join(folder, 'cells', system, workload, FOOTPRINT, 'r1.json');
      table.set(`${system}/${workload}`, did(JSON.parse(await readFile(file, 'utf8')) as CellRecord));
    }
  return table;
}

function did({ id, status, measurement }: CellRecord): Did {
  if (status !== 'ok' || measurement?.report === undefined || measurement.process === undefined)
    throw new Error(`${id} is ${status}`);
  const { report, process, network } = measurement;
  return {
    seconds: report.elapsedNanoseconds / 1e9,
    wireMegabytes: network.wireBytes / 1e6,
    residentMegabytes: process.peakResidentBytes / 2 ** 20,
  };
}

function look(table: Table, system: SystemId, workload: string): Did {
  const found = table.get(`${system}/${workload}`);
  if (found === undefined) throw new RangeError(`no cell ${system}/${workload}`);
  return found;
}

/** The better of the two ways to swap over the network. */
function better(table: Table, workload: string): Did {
  const plain = look(table, 'nbd-swap', workload);
  const best = look(table, 'nbd-swap-readahead', workload);
  return best.seconds < plain.seconds ? best : plain;
}

function linearSearch(table: Table): readonly Figure[] {
  const ours = look(table, 'elasticos', 'linear-search').seconds;
  const figure = { unit: 's', compare: 'speed-up', ours } as const;
  return [
    {
      ...figure,
      name: 'linear-search, against nbd-swap',
      theirs: look(table, 'nbd-swap', 'linear-search').seconds,
      bound: 20,
    },
    {
      ...figure,
      name: 'linear-search, against nbd-swap at its best',
      theirs: better(table, 'linear-search').seconds,
      bound: 5,
    },
  ];
}

function againstTheBetter(table: Table, workload: string): Figure {
  return {
    name: `${workload}, against the better nbd-swap`,
    ours: look(table, 'elasticos', workload).seconds,
    theirs: better(table, workload).seconds,
    unit: 's',
    compare: 'speed-up',
    bound: 1,
  };
}

function geometricMean(table: Table): Figure {
  const mean = (seconds: readonly number[]): number =>
    Math.exp(seconds.reduce((sum, value) => sum + Math.log(value), 0) / seconds.length);
  return {
    name: 'geometric mean of the six',
    ours: mean(WORKLOAD_NAMES.map((workload) => look(table, 'elasticos', workload).seconds)),
    theirs: mean(WORKLOAD_NAMES.map((workload) => better(table, workload).seconds)),
    unit: 's',
    compare: 'speed-up',
    bound: 3,
  };
}

/** What the jump is worth. */
function againstPulling(table: Table, workload: string): Figure {
  return {
    name: `${workload}, against pulling alone`,
    ours: look(table, 'elasticos', workload).seconds,
    theirs: look(table, 'elasticos-nojump', workload).seconds,
    unit: 's',
    compare: 'speed-up',
    bound: 1,
  };
}

/** Jumps pay where the execution is at least twice as fast with them as without. */
function wire(table: Table, workload: string): Figure {
  const pays = 2;
  const jumping = look(table, 'elasticos', workload);
  const pulling = look(table, 'elasticos-nojump', workload);
  const baselines = [look(table, 'nbd-swap', workload), look(table, 'nbd-swap-readahead', workload)];
  return {
    name: `${workload}, on the wire, against the lesser nbd-swap`,
    ours: jumping.wireMegabytes,
    theirs: Math.min(...baselines.map(({ wireMegabytes }) => wireMegabytes)),
    unit: 'MB',
    compare: 'ratio',
    bound: pulling.seconds / jumping.seconds >= pays ? 0.5 : 1,
  };
}

function resident(table: Table, workload: string): Figure {
  const sizes = [look(table, 'elasticos', workload), look(table, 'nbd-swap', workload)].map(
    ({ residentMegabytes }) => residentMegabytes,
  );
  return {
    name: `${workload}, peak resident sets, the larger against the other`,
    ours: Math.max(...sizes),
    theirs: Math.min(...sizes),
    unit: 'MB',
    compare: 'ratio',
    bound: 1.05,
  };
}
