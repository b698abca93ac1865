// SPDX-License-Identifier: MIT
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from '../../../base/host/make-folder.js';
import type { Context } from '../../../base/host/context.js';
import { ProgramFailedError } from '../../../base/process/errors.js';
import { reportFullDisk } from '../../../products/store/disk-space.js';
import { OracleError } from '../errors.js';
import { checkFootprint, findWorkload, type WorkloadRun } from '../workload.js';

/** What a workload has to report when every byte was right. */
export interface ExpectedAnswer {
  /** 16 hexadecimal digits. */
  readonly checksum: string;
  readonly bytesTouched: number;
}

const PROCESS = fileURLToPath(new URL('./oracle-process.js', import.meta.url));
const ORACLE = fileURLToPath(new URL('./', import.meta.url));
const REGISTRY = fileURLToPath(new URL('../workload.js', import.meta.url));

/**
 * The checksum that a run must end with, computed on this host by another implementation than the workload's, in a
 * process of its own; takes some seconds for 256 MiB. Answers are kept in `<cache>/oracle/` for as long as the
 * implementation stays the same.
 * @throws FootprintError for a footprint that the workload does not take
 * @throws OracleError when the process fails, as on a host with too little memory
 * @throws the signal's reason when aborted
 */
export async function expectedChecksum(
  context: Pick<Context, 'paths' | 'processes' | 'signal'>,
  run: WorkloadRun,
): Promise<ExpectedAnswer> {
  checkFootprint(findWorkload(run.workload), run.bytes);
  const folder = join(context.paths.cache, 'oracle');
  const path = join(folder, `${await keyOf(run)}.json`);
  const kept = await keptAnswer(path);
  if (kept !== undefined) return kept;
  const answer = await compute(context, run);
  await reportFullDisk(folder, `keeping the checksum of ${run.workload}`, () => keep(folder, path, answer));
  return answer;
}

async function keyOf(run: WorkloadRun): Promise<string> {
  const hash = createHash('sha256').update(`${run.workload} ${run.bytes} ${run.seed}\n`);
  const modules = (await readdir(ORACLE)).filter((name) => name.endsWith('.js')).sort();
  for (const path of [REGISTRY, ...modules.map((name) => join(ORACLE, name))]) {
    const content = await readFile(path);
    hash.update(`${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

async function keptAnswer(path: string): Promise<ExpectedAnswer | undefined> {
  try {
    return toAnswer(await readFile(path, 'utf8'));
  } catch {
    // It was not computed yet, or the file is incomplete after a loss of power.
    return undefined;
  }
}

async function keep(folder: string, path: string, answer: ExpectedAnswer): Promise<void> {
  await makeFolder(folder);
  const scratch = `${path}.${randomUUID()}`;
  await writeFile(scratch, JSON.stringify(answer));
  await rename(scratch, path);
}

async function compute(
  context: Pick<Context, 'processes' | 'signal'>,
  run: WorkloadRun,
): Promise<ExpectedAnswer> {
  const what = `${run.workload} over ${run.bytes} bytes`;
  try {
    const { stdout } = await context.processes.succeed(
      [process.execPath, PROCESS, run.workload, String(run.bytes), String(run.seed)],
      { signal: context.signal },
    );
    return toAnswer(stdout);
  } catch (thrown) {
    context.signal.throwIfAborted();
    throw new OracleError(what, thrown instanceof ProgramFailedError ? thrown.excerpt : [], thrown);
  }
}

function toAnswer(text: string): ExpectedAnswer {
  const { checksum, bytesTouched } = JSON.parse(text) as Partial<ExpectedAnswer>;
  if (typeof checksum !== 'string' || typeof bytesTouched !== 'number') throw new Error(`no answer: ${text}`);
  return { checksum, bytesTouched };
}
