// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { nearest } from '../../base/error/nearest.js';
import type { Context } from '../../base/host/context.js';
import { readRegularFile } from '../../base/host/read-file.js';
import type { DeepReadonly } from '../../base/schema/deep-readonly.js';
import { schemaProblems } from '../../base/schema/problems.js';
import { byteText } from '../../products/store/byte-text.js';
import { listLines } from '../../products/kernel/line/line.js';
import { contradictions, countTrouble, multipleTrouble, policiesTrouble } from './contradictions.js';
import { ScenarioError, ScenarioMissingError } from './errors.js';
import { findJsonFault } from './json-text.js';
import { parseBandwidth, parseBytes, parseDuration, parseMultiple } from './quantity.js';
import type { Footprint, Role, Scenario, ScenarioSource, SizeOrAuto } from './scenario.js';
import type { ScenarioFile } from './scenario.schema.js';
import { underPolicies } from './system.js';
import { defaultDelay, readVirtualTime } from './written-virtual-time.js';

const SCHEMA = 'scenario.schema.json';

/** Errors of reading that mean that there is no such file. */
const NO_FILE: readonly string[] = ['ENOENT', 'ENOTDIR', 'EISDIR'];

/** A scenario's text goes into every run and every request; the project's own have a kilobyte at the most. */
const MOST_BYTES = 2 ** 20;

/** The file once it fits the schema and has its defaults. */
type Written = DeepReadonly<ScenarioFile>;

type Where = Pick<Context, 'paths'>;

/**
 * Reads and checks a scenario. `path` is a file, or the name of one of the project's own, with or without its folder.
 * @throws ScenarioMissingError
 * @throws ScenarioError with everything that is wrong with the file, at once
 */
export async function loadScenario(
  context: Where,
  path: string,
  overrides: ScenarioOverrides = {},
): Promise<Scenario> {
  const { file, text } = await readScenario(context, path);
  return await parseScenario(context, file, text, overrides);
}

/** What a command line says in a scenario's stead. */
export interface ScenarioOverrides {
  readonly time?: 'wall' | 'virtual';
  /** Of virtual time. */
  readonly seed?: number;
}

/** A scenario from its text; `file` is what errors call it. @throws ScenarioError */
export async function parseScenario(
  context: Where,
  file: string,
  text: string,
  overrides: ScenarioOverrides = {},
): Promise<Scenario> {
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES)
    throw new ScenarioError(file, [
      `has ${byteText(bytes)}; a scenario has ${byteText(MOST_BYTES)} at the most`,
    ]);
  const fault = findJsonFault(text);
  if (fault !== undefined)
    throw new ScenarioError(file, [`line ${fault.line}, column ${fault.column}: ${fault.what}`]);
  const value: unknown = JSON.parse(text);
  const validate = await validator(context);
  if (!validate(value)) throw new ScenarioError(file, schemaProblems(validate.errors ?? []));
  const written = overridden(value as Written, overrides);
  const source = { file, text, sha256: createHash('sha256').update(text).digest('hex') };
  const unclear = multipleTrouble(written.memory.budget, written.footprints);
  if (unclear.length > 0) throw new ScenarioError(file, unclear);
  const scenario = resolved(written, source);
  const trouble = [
    ...countTrouble(written.nodes.count, written.nodes.roles),
    ...policiesTrouble(written.elastic.policies, written.systems),
    ...contradictions(scenario),
  ];
  if (trouble.length > 0) throw new ScenarioError(file, trouble);
  return scenario;
}

/** Names of the scenarios of the project, sorted. */
export async function scenarioNames({ paths }: Where): Promise<readonly string[]> {
  const files = await readdir(join(paths.project, 'scenarios'));
  return files
    .filter((file) => file.endsWith('.json') && file !== SCHEMA)
    .map((file) => basename(file, '.json'))
    .sort();
}

async function readScenario(context: Where, path: string): Promise<{ file: string; text: string }> {
  const { project } = context.paths;
  const bare = basename(path) === path;
  const own = join(project, 'scenarios', `${basename(path, '.json')}.json`);
  for (const candidate of [resolve(path), resolve(project, path), ...(bare ? [own] : [])]) {
    try {
      return { file: shownPath(project, candidate), text: await readRegularFile(candidate) };
    } catch (thrown) {
      const { code = '', message } = thrown as NodeJS.ErrnoException;
      if (!NO_FILE.includes(code))
        throw new ScenarioError(path, [message], 'Look at the file and its rights.');
    }
  }
  const known = await scenarioNames(context);
  throw new ScenarioMissingError(path, known, nearest(basename(path, '.json'), known));
}

/** Relative to the project within it: a result then reads the same wherever the checkout lies. */
function shownPath(project: string, path: string): string {
  const inside = relative(project, path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}

/** The published schema, which knows the kernel lines of this checkout besides. */
async function validator(context: Where): Promise<import('ajv').ValidateFunction> {
  const { Ajv } = await import('ajv');
  const path = join(context.paths.project, 'scenarios', SCHEMA);
  const schema = JSON.parse(await readFile(path, 'utf8')) as {
    readonly properties: { readonly kernels: { readonly items: Record<string, unknown> } };
  };
  schema.properties.kernels.items['enum'] = await listLines(context.paths);
  const text = JSON.stringify(schema);
  if (text !== compiled?.text) {
    const validate = new Ajv({ allErrors: true, verbose: true, useDefaults: true }).compile(schema);
    compiled = { text, validate };
  }
  return compiled.validate;
}

/** The schema that was used last. To compile it takes longer than everything else. */
let compiled: { readonly text: string; readonly validate: import('ajv').ValidateFunction } | undefined;

function resolved(written: Written, source: ScenarioSource): Scenario {
  const { nodes, memory, nbd, elastic, disk } = written;
  const roles = nodes.roles ?? defaultRoles(nodes.count ?? 2);
  const budget = memory.budget === undefined ? undefined : parseBytes(memory.budget);
  const link = { bandwidth: parseBandwidth(written.link.bandwidth), delayUs: delayOf(written) };
  return {
    name: written.name,
    description: written.description ?? '',
    kernels: written.kernels,
    variant: written.variant,
    roles,
    cpus: nodes.cpus,
    memory: {
      computeNode: parseBytes(memory.computeNode),
      memoryNode: sizeOrAuto(memory.memoryNode),
      local: sizeOrAuto(memory.local),
      budget,
    },
    link,
    ...(written.time === 'wall' ? {} : { virtualTime: readVirtualTime(written.virtualTime, link) }),
    root: written.root,
    kernelArguments: written.kernelArguments,
    with: written.with,
    systems: underPolicies(written.systems ?? [], elastic.policies),
    workloads: written.workloads ?? [],
    footprints: (written.footprints ?? []).map((each) => footprintOf(each, budget, roles.length)),
    seeds: written.seeds,
    repeats: written.repeats,
    deadlineMs: parseDuration(written.deadline) / 1000,
    trials: written.trials,
    nbd: { ...nbd, size: sizeOrAuto(nbd.size) },
    elastic: {
      lend: sizeOrAuto(elastic.lend),
      threshold: elastic.threshold,
      window: elastic.window,
      leaseSeconds: parseDuration(elastic.lease) / 1e6,
      wire: elastic.wire,
    },
    disk:
      disk === undefined
        ? undefined
        : {
            bytesPerSecond: parseBytes(disk.bytesPerSecond),
            operationsPerSecond: disk.operationsPerSecond,
            pageCluster: disk.pageCluster,
            size: sizeOrAuto(disk.size),
          },
    source,
  };
}

/** In bytes, or in home budgets: `2x`. */
function footprintOf(
  written: string | { readonly size: string; readonly nodes: number },
  budget: number | undefined,
  count: number,
): Footprint {
  const { size, nodes } = typeof written === 'string' ? { size: written, nodes: count } : written;
  const multiple = parseMultiple(size);
  const bytes = multiple === undefined ? parseBytes(size) : Math.round(multiple * (budget ?? NaN));
  return { bytes, nodes };
}

function overridden(written: Written, { time, seed }: ScenarioOverrides): Written {
  const { virtualTime } = written;
  return {
    ...written,
    ...(time === undefined ? {} : { time }),
    ...(seed === undefined ? {} : { virtualTime: { ...virtualTime, seed } }),
  };
}

function delayOf({ time, link }: Written): number {
  const delay = parseDuration(link.delay);
  return time === 'virtual' && delay === 0 ? defaultDelay() : delay;
}

function defaultRoles(count: number): readonly Role[] {
  return Array.from({ length: count }, (_, index) => (index === 0 ? 'compute' : 'memory'));
}

function sizeOrAuto(text: string): SizeOrAuto {
  return text === 'auto' ? text : parseBytes(text);
}
