// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { projectRoot } from '../../base/host/paths.js';
import { schemaProblems } from '../../base/schema/problems.js';
import { ResultInvalidError } from './errors.js';

type Kind = 'cell' | 'run';

const compiled = new Map<Kind, Promise<ValidateFunction>>();

/**
 * Checks what is read from, or goes into, a run's folder by the published schema.
 * @throws ResultInvalidError with everything that is wrong; `file` is what it calls the value
 */
export async function checkResult(kind: Kind, value: unknown, file: string): Promise<void> {
  let validator = compiled.get(kind);
  if (validator === undefined) compiled.set(kind, (validator = compile(kind)));
  const validate = await validator;
  if (!validate(value)) throw new ResultInvalidError(file, schemaProblems(validate.errors ?? []));
}

async function compile(kind: Kind): Promise<ValidateFunction> {
  const { Ajv } = await import('ajv');
  const path = join(projectRoot(), 'testbed', 'experiment', 'result', 'schema', `${kind}.schema.json`);
  return new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true }).compile(
    JSON.parse(await readFile(path, 'utf8')) as object,
  );
}
