// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { Paths } from '../../base/host/paths.js';
import type { DeepReadonly } from '../../base/schema/deep-readonly.js';
import { schemaProblems } from '../../base/schema/problems.js';
import { FlowInvalidError, UnknownFlowError } from './errors.js';
import type { FlowFile } from './flow.schema.js';
import type { Flow } from './flow.js';

/** The default deadline of a step. Preparing a few hundred megabytes of RAM in an emulated guest takes seconds. */
const STEP_MS = 60_000;

type Written = DeepReadonly<FlowFile>;

/** Names of all flows. */
export async function flowNames(paths: Pick<Paths, 'project'>): Promise<readonly string[]> {
  const files = await readdir(folderOf(paths));
  return files
    .filter((file) => file.endsWith('.json') && file !== SCHEMA)
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/**
 * Reads `guests/flows/<name>.json`.
 * @throws UnknownFlowError
 * @throws FlowInvalidError with everything that is wrong with the file
 */
export async function loadFlow(paths: Pick<Paths, 'project'>, name: string): Promise<Flow> {
  const names = await flowNames(paths);
  if (!names.includes(name)) throw new UnknownFlowError(name, names);
  const file = `guests/flows/${name}.json`;
  const written = await readChecked(folderOf(paths), `${name}.json`, file);
  const ids = written.steps.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length > 0) throw new FlowInvalidError(file, [`/steps: there are two steps ${twice.join(', ')}`]);
  return {
    name,
    title: written.title,
    env: written.env ?? {},
    steps: written.steps.map((step) => ({
      everyNode: false,
      arguments: [],
      env: {},
      delayMs: 0,
      deadlineMs: STEP_MS,
      ...step,
    })),
  };
}

const SCHEMA = 'flow.schema.json';

function folderOf(paths: Pick<Paths, 'project'>): string {
  return join(paths.project, 'guests', 'flows');
}

async function readChecked(folder: string, fileName: string, shown: string): Promise<Written> {
  const schema = JSON.parse(await readFile(join(folder, SCHEMA), 'utf8')) as object;
  const validate = new Ajv({ allErrors: true, verbose: true }).compile<Written>(schema);
  const content = parsed(await readFile(join(folder, fileName), 'utf8'), shown);
  if (!validate(content)) throw new FlowInvalidError(shown, schemaProblems(validate.errors ?? []));
  return content;
}

function parsed(text: string, shown: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw new FlowInvalidError(shown, [(thrown as Error).message]);
  }
}
