// SPDX-License-Identifier: MIT
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import type { ArgumentVector } from '../../testbed/base/process/process-runner.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { DisposalStack } from '../../testbed/base/lifecycle/disposal-stack.js';

/**
 * What a person does without the testbed: a bridge, taps, the same two QEMUs, and ssh again and again until it answers. Run
 * under `unshare --net`; prints the seconds from the first QEMU to the last answer. Argument: a JSON {@link ByHand}.
 */
export interface ByHand {
  readonly folder: string;
  readonly identity: string;
  readonly knownHosts: string;
  readonly nodes: readonly {
    readonly name: string;
    readonly address: string;
    /** QEMU's command line as the testbed has it. */
    readonly commandLine: readonly string[];
  }[];
}

const plan = JSON.parse(process.argv[2] ?? '') as ByHand;

await ip('link', 'set', 'lo', 'up');
await ip('link', 'add', 'br0', 'type', 'bridge', 'forward_delay', '0');
await ip('address', 'add', '10.77.0.254/24', 'dev', 'br0');
await ip('link', 'set', 'br0', 'up');
for (const [index] of plan.nodes.entries()) {
  await ip('tuntap', 'add', 'dev', `tap${index + 1}`, 'mode', 'tap', 'vnet_hdr');
  await ip('link', 'set', `tap${index + 1}`, 'master', 'br0', 'up');
}
{
  await using guests = new DisposalStack();
  const start = systemClock.now();
  for (const { commandLine } of plan.nodes) {
    guests.use(
      await systemProcesses.start(plain(commandLine), {
        stdio: ['ignore', 'ignore', 'ignore'],
        orphan: 'dies',
      }),
    );
  }
  await Promise.all(plan.nodes.map(async (node) => answers(node.name, node.address)));
  process.stdout.write(`${(systemClock.now() - start) / 1000}\n`);
}
process.exit();

async function ip(...arguments_: readonly string[]): Promise<void> {
  await systemProcesses.succeed(['ip', ...arguments_]);
}

/** Without the console and the monitor on descriptors that only the testbed hands over. */
function plain(commandLine: readonly string[]): ArgumentVector {
  const argv: string[] = [];
  for (let i = 0; i < commandLine.length; i += 1) {
    const word = commandLine[i] ?? '';
    const value = commandLine[i + 1] ?? '';
    const ours = ['-chardev', '-mon'].includes(word) || (word === '-serial' && value === 'chardev:console');
    if (ours) i += 1;
    else argv.push(word);
  }
  return [...argv, '-serial', 'null'] as unknown as ArgumentVector;
}

async function answers(name: string, address: string): Promise<void> {
  const config = join(plan.folder, `${name}.config`);
  await mkdir(plan.folder, { recursive: true });
  await writeFile(
    config,
    [
      `Host ${name}`,
      `HostName ${address}`,
      'User root',
      `HostKeyAlias ${name}`,
      `IdentityFile ${plan.identity}`,
      'IdentitiesOnly yes',
      `UserKnownHostsFile ${plan.knownHosts}`,
      'ConnectTimeout 1',
      'BatchMode yes',
      '',
    ].join('\n'),
  );
  const wait = { what: `ssh to ${name}`, deadlineMs: 120_000, everyMs: 100, clock: systemClock };
  await pollUntil(wait, async () => {
    const { code } = await systemProcesses.run(['ssh', '-F', config, name, 'true']);
    return code === 0 ? true : undefined;
  });
}
