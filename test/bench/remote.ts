// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemPaths } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { ask } from '../../testbed/supervisor/client.js';
import type { TestbedStatus } from '../../testbed/supervisor/protocol.js';
import { testbedPlace } from '../../testbed/supervisor/registry.js';
import { DisposalStack } from '../../testbed/base/lifecycle/disposal-stack.js';
import type { Tool } from '../guest/tool.js';
import type { Figure } from './figure.js';
import { inTurn, seconds } from './stopwatch.js';

const PUSH_BYTES = 64 * 2 ** 20;

/** exec and push over the testbed's open session against OpenSSH with a control master, to the same guest. */
export async function remoteFigures(tool: Tool, kernel: string): Promise<readonly Figure[]> {
  const status = await tool.json<TestbedStatus>('up', '--no-flow', '--kernel', kernel, '--memory', '512M');
  const config = join(tool.folder, 'ssh_config');
  const master = [
    '  ControlMaster auto',
    `  ControlPath ${join(tool.folder, 'cm-%n')}`,
    '  ControlPersist 600',
  ];
  const base = (await tool.succeed('ssh-config')).stdout.replace(
    'Host node1\n',
    `Host node1\n${master.join('\n')}\n`,
  );
  await writeFile(config, base);
  const openSsh = async (...words: readonly string[]): Promise<void> => {
    await systemProcesses.succeed(['ssh', '-F', config, ...words], { env: tool.env, signal: tool.signal });
  };
  await using owned = new DisposalStack();
  // The first command leaves the master behind, which would outlive us.
  owned.defer(async () => {
    await systemProcesses.run(['ssh', '-F', config, '-O', 'exit', 'node1'], { env: tool.env });
  });
  // Over the session that the supervisor has open: without the start of a node for the command, as ssh's client has none.
  const place = testbedPlace(systemPaths(tool.env), 'default');
  const exec = await inTurn(
    15,
    async () =>
      seconds(async () => ask(place, { verb: 'exec', node: 'node1', argv: ['true'], input: false })),
    async () => seconds(async () => openSsh('node1', 'true')),
  );
  const file = join(tool.folder, '64M');
  await writeFile(file, randomBytes(PUSH_BYTES));
  const push = await inTurn(
    3,
    async () => seconds(async () => tool.succeed('cp', file, 'node1:/tmp/ours')),
    async () =>
      seconds(async () =>
        systemProcesses.succeed(['scp', '-q', '-F', config, file, 'node1:/tmp/theirs'], {
          env: tool.env,
          signal: tool.signal,
        }),
      ),
  );
  const memory = await residentMegabytes(status.supervisorPid);
  await tool.succeed('down');
  return [
    {
      name: 'exec of true over an open session, against ssh',
      ...exec,
      unit: 's',
      compare: 'ratio',
      bound: 1.5,
    },
    { name: 'push of 64 MiB against scp', ...push, unit: 's', compare: 'ratio', bound: 1.5 },
    {
      name: 'memory of the supervisor, peak',
      ours: memory,
      theirs: 0,
      unit: 'MB',
      compare: 'absolute',
      bound: 150,
    },
  ];
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
