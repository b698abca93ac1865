// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import type { ClusterShape } from '../../machines/cluster/shape.js';
import type { LineId, Variant } from '../../products/kernel/line/kernel-product.js';
import { byteText } from '../../products/store/byte-text.js';
import { EmptyPlanError, PlanTooLargeError } from './errors.js';
import type { WorkloadName } from '../workload/workload.js';
import { cellShape } from './cluster-shapes.js';
import { sizeText } from './quantity.js';
import type { Footprint, Scenario, ScenarioSource, SystemId } from './scenario.js';
import { type CellFlow, type ElasticRun, type SwapUse, systemOf } from './system.js';

/** One measurement, with all that is needed to make it: a cell can run anywhere, in any order. Plain data. */
export interface Cell {
  /** Such as `nbd-swap/heap-sort/64M/r1`; unique in its plan and the same whenever the scenario is planned. */
  readonly id: string;
  readonly system: SystemId;
  readonly workload: WorkloadName;
  readonly footprintBytes: number;
  readonly seed: number;
  /** From 1. */
  readonly repeat: number;
  readonly shape: ClusterShape;
  /** Run in this order before the workload starts on node1. */
  readonly flows: readonly CellFlow[];
  /** Present for a cell that has to swap. */
  readonly swap?: SwapUse;
  /** Present for a cell whose workload is run by `elastic run`. */
  readonly elastic?: ElasticRun;
  /** Present for a cell whose workload is followed by trials on the same machines. */
  readonly trials?: Trials;
  /** Most milliseconds for the workload. */
  readonly deadlineMs: number;
}

/** What the trials of experiment/run/trials.ts go by. */
export interface Trials {
  /** Seconds of silence after which a node is lost. */
  readonly leaseSeconds: number;
}

/** A scenario's cells in the order in which they are run. Plain data: it is hashed, stored, resumed and sent. */
export interface Plan {
  readonly scenario: ScenarioSource & { readonly name: string };
  readonly kernels: readonly LineId[];
  readonly variant: Variant;
  readonly root: 'initramfs' | 'disk';
  readonly overrides: PlanOverrides;
  readonly cells: readonly Cell[];
  /** sha256 (hex) over the cells: two plans with the same one measure the same. */
  readonly key: string;
}

/** Of a plan's cells as JSON: a supervisor takes 16 MiB, in which there must be room for the scenario as well. */
const MOST_BYTES = 12 * 2 ** 20;

/** Cells of a scenario before some of them are chosen. */
const MOST_CELLS = 1_000_000;

/** What a command line says in a scenario's stead. */
export interface PlanOverrides {
  readonly repeats?: number;
  /** Only cells whose id contains it. */
  readonly only?: string;
  /** With these two the scenario has been read already. */
  readonly time?: 'wall' | 'virtual';
  readonly seed?: number;
}

/**
 * Expands a scenario into its cells. Repeats are outermost and systems innermost: a host that grows slower in the course of a
 * run does so for all systems alike, and what is compared lies close together in time.
 * @throws EmptyPlanError when there is nothing to run
 */
export function planScenario(scenario: Scenario, overrides: PlanOverrides = {}): Plan {
  const repeats = overrides.repeats ?? scenario.repeats;
  refuseTooMany(scenario, repeats);
  const cells = [...allCells(scenario, repeats)].filter(({ id }) => id.includes(overrides.only ?? ''));
  const { file } = scenario.source;
  if (cells.length === 0) throw new EmptyPlanError(file, overrides.only);
  const text = JSON.stringify(cells);
  if (text.length > MOST_BYTES)
    throw new PlanTooLargeError(file, `${cells.length} cells, which take ${byteText(text.length)}`);
  return {
    scenario: { name: scenario.name, ...scenario.source },
    kernels: scenario.kernels,
    variant: scenario.variant,
    root: scenario.root,
    overrides,
    cells,
    key: hashOf(text),
  };
}

/** A plan with some of its cells, or with others of the same scenario. */
export function withCells(plan: Plan, cells: readonly Cell[]): Plan {
  return { ...plan, cells, key: keyOf(cells) };
}

/** See {@link Plan.key}. */
export function keyOf(cells: readonly Cell[]): string {
  return hashOf(JSON.stringify(cells));
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function* allCells(scenario: Scenario, repeats: number): Generator<Cell> {
  const { seeds, workloads, footprints, systems } = scenario;
  for (let repeat = 1; repeat <= repeats; repeat += 1)
    for (const seed of seeds)
      for (const workload of workloads)
        for (const footprint of footprints)
          for (const system of systems)
            yield newCell(scenario, footprint, {
              system,
              workload,
              footprintBytes: footprint.bytes,
              seed,
              repeat,
            });
}

/** @throws PlanTooLargeError before so many cells are made that there is no room for them */
function refuseTooMany({ seeds, workloads, footprints, systems, source }: Scenario, repeats: number): void {
  const count = repeats * seeds.length * workloads.length * footprints.length * systems.length;
  if (count > MOST_CELLS) throw new PlanTooLargeError(source.file, `${count} cells`);
}

type Coordinates = Pick<Cell, 'system' | 'workload' | 'footprintBytes' | 'seed' | 'repeat'>;

function newCell(scenario: Scenario, footprint: Footprint, at: Coordinates): Cell {
  const { flows, swap, elastic } = systemOf(at.system);
  return {
    id: cellId(scenario, at),
    ...at,
    shape: cellShape(scenario, at.system, footprint),
    flows: flows(scenario, footprint),
    ...(swap === undefined ? {} : { swap: swap(scenario) }),
    ...(elastic === undefined ? {} : { elastic: elastic(scenario, footprint) }),
    ...(scenario.trials ? { trials: { leaseSeconds: scenario.elastic.leaseSeconds } } : {}),
    deadlineMs: scenario.deadlineMs,
  };
}

/** The seed is part of it only where there are several. */
function cellId({ seeds }: Scenario, at: Coordinates): string {
  const seed = seeds.length > 1 ? [`seed${at.seed}`] : [];
  return [at.system, at.workload, sizeText(at.footprintBytes), ...seed, `r${at.repeat}`].join('/');
}
