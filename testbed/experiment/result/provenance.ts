// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../base/host/context.js';
import { ProgramMissingError } from '../../base/process/errors.js';
import type { HostRecord, TestbedRecord } from './run-record.js';

/** The machine on which a run is made. */
export async function hostRecord(): Promise<HostRecord> {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    system: await systemName(),
  };
}

/** The testbed itself: version and state of the checkout. */
export async function testbedRecord(context: Context): Promise<TestbedRecord> {
  const { version } = JSON.parse(await readFile(join(context.paths.project, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const git = await gitRecord(context);
  return { version, node: process.version, ...(git === undefined ? {} : { git }) };
}

async function systemName(): Promise<string> {
  try {
    const text = await readFile('/etc/os-release', 'utf8');
    return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1] ?? '';
  } catch {
    return '';
  }
}

async function gitRecord(context: Context): Promise<TestbedRecord['git']> {
  try {
    const commit = await git(context, ['rev-parse', 'HEAD']);
    const status = await git(context, ['status', '--porcelain']);
    if (commit === undefined || status === undefined) return undefined;
    return { commit, dirty: status !== '' };
  } catch (thrown) {
    if (thrown instanceof ProgramMissingError) return undefined;
    throw thrown;
  }
}

/** What git says of the checkout. Undefined outside of a checkout. */
async function git(context: Context, argv: readonly string[]): Promise<string | undefined> {
  const { processes, paths, signal } = context;
  const { code, stdout } = await processes.run(['git', '-C', paths.project, ...argv], { signal });
  return code === 0 ? stdout.trim() : undefined;
}
