// SPDX-License-Identifier: MIT
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { SCRIPTS } from '../../../testbed/machines/flow/flow.js';
import { type FlowNode, flowNodeOverSsh } from '../../../testbed/machines/flow/flow-node.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import type { ExecOptions, RemoteFinished, SshSession } from '../../../testbed/machines/ssh/session.js';

/**
 * A node that is this machine: what a flow has it run, runs here as a process. The scripts of a flow are looked for in a
 * folder of the test's instead of the guest's.
 */
export class ThisMachine implements SshSession {
  constructor(
    readonly node: string,
    readonly scripts: string,
  ) {}

  async exec(argv: readonly [string, ...string[]], options: ExecOptions = {}): Promise<RemoteFinished> {
    const [program, ...rest] = argv;
    const file = program.startsWith(`${SCRIPTS}/`) ? join(this.scripts, basename(program)) : program;
    const consumers = { stdout: options.onStdout, stderr: options.onStderr };
    const { stdout, stderr, code, signal } = await systemProcesses.run([file, ...rest], {
      env: { ...options.env },
      onLine: (line, stream) => void consumers[stream]?.(Buffer.from(`${line}\n`)),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    return { stdout, stderr, code, signal };
  }

  async succeed(): Promise<never> {
    return await Promise.reject(new Error('flows judge for themselves'));
  }

  async push(): Promise<never> {
    return await Promise.reject(new Error('flows copy nothing'));
  }

  async pull(): Promise<never> {
    return await Promise.reject(new Error('flows copy nothing'));
  }

  async shell(): Promise<never> {
    return await Promise.reject(new Error('flows need no terminal'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve();
  }
}

/** A folder with these shell scripts, and as many nodes as there are roles. */
export async function nodesWith(
  t: ExecutionContext,
  scripts: Readonly<Record<string, string>>,
  roles: readonly FlowNode['role'][] = ['compute', 'memory'],
): Promise<readonly FlowNode[]> {
  const folder = await mkdtemp(join(tmpdir(), 'testbed-flow-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  for (const [name, body] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return roles.map((role, index) => {
    const name = `node${index + 1}`;
    const place = { name, role, address: `10.77.0.${index + 1}` };
    return flowNodeOverSsh(place, new ThisMachine(name, folder));
  });
}
