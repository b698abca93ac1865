// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import { processStartTime } from '../../testbed/base/host/process-identity.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import type { TestbedStatus } from '../../testbed/supervisor/protocol.js';
import type { Installation } from '../../testbed/api/node/install-packages.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { Tool } from './tool.js';

for (const { line, missing } of kernelsAtHand('release')) {
  const declare = missing === undefined ? test.serial : test.serial.skip;
  const because = missing === undefined ? '' : ` (${missing})`;

  declare(
    `${line}: two nodes come up, answer, swap over the network, stretch, and go without a trace${because}`,
    async (t) => {
      t.timeout(600_000);
      await using tool = await Tool.make();
      const status = await tool.json<TestbedStatus>('up', '--kernel', line);
      t.is(status.state, 'up');
      t.is(status.kernel?.line, line);
      t.deepEqual(
        status.nodes.map(({ name, state }) => [name, state]),
        [
          ['node1', 'up'],
          ['node2', 'up'],
        ],
      );
      await answersTruly(t, tool);
      await swapsOverTheNetwork(t, tool);
      await stretchesAsPrinted(t, tool);
      await copiesBothWays(t, tool);
      await loadsAModule(t, tool);
      await takesDebianPackages(t, tool);
      await servesPlainSsh(t, tool);
      await changesNothingWhenUp(t, tool, status);
      await tellsOfALostDisk(t, tool);
      await tool.succeed('down');
      for (const { qemuPid } of status.nodes) t.is(await processStartTime(qemuPid), undefined);
      t.is(await processStartTime(status.supervisorPid), undefined);
      t.is((await tool.run(['status'])).code, 11);
    },
  );

  declare(`${line}: the README of the 2018 release is typed as it stands${because}`, async (t) => {
    t.timeout(600_000);
    await using tool = await Tool.make();
    const status = await tool.json<TestbedStatus>('up', '--kernel', line, '--with', 'none');
    t.deepEqual(status.flows, []);
    const lender = 'cd $EOS_DIR\n./nbd-setup.sh && ./setup-dest.sh\n';
    const lent = await tool.run(['ssh', 'node2'], { input: lender });
    t.is(lent.code, 0, lent.stderr);
    const home =
      'cd $EOS_DIR\n./nbd-setup.sh && ./setup-src.sh workloads/linear-search --bytes 16M --seed 1\n';
    const searched = await tool.run(['ssh', 'node1'], { input: home });
    t.is(searched.code, 0, searched.stderr);
    t.regex(searched.stdout, /"role":"compute-node","device":"\/dev\/nbd0"/);
    t.regex(searched.stdout, /"workload":"linear-search","bytes":16777216/);
    const variable = await tool.succeed('exec', 'node1', '--', 'sh', '-c', 'echo $EOS_REMOTE_MACHINE');
    t.is(variable.stdout, `${status.nodes[1]?.address ?? ''}\n`, 'exec finds the variables as well');
    const asked = await tool.run(['up', '--with', 'both']);
    t.is(asked.code, 10, 'by no flow that the testbed knows of');
    t.regex(asked.stdout, /npx testbed flow nbd-setup\n +npx testbed flow setup-dest\n/);
  });

  declare(
    `${line}: a root file system on a disk is an overlay that a run cannot change${because}`,
    async (t) => {
      t.timeout(600_000);
      await using tool = await Tool.make();
      await tool.succeed('up', '--kernel', line, '--disk', '--nodes', '1', '--no-flow');
      const mounts = await tool.succeed('exec', 'node1', '--', 'cat', '/proc/mounts');
      t.regex(mounts.stdout, /\/dev\/vda \/ ext4 rw/);
      await tool.succeed('exec', 'node1', '--', 'sh', '-c', 'echo scribble > /etc/scribble && sync');
      await tool.succeed('reboot', 'node1');
      t.not((await tool.run(['exec', 'node1', '--', 'test', '-e', '/etc/scribble'])).code, 0);
    },
  );
}

for (const { line, missing } of kernelsAtHand('release').slice(-1)) {
  const declare = missing === undefined ? test.serial : test.serial.skip;
  declare(`${line}: four nodes come up and reach each other`, async (t) => {
    t.timeout(600_000);
    await using tool = await Tool.make();
    await tool.succeed('up', '--kernel', line, '--nodes', '4', '--memory', '128M', '--no-flow');
    for (const peer of ['node2', 'node3', 'node4']) {
      const { code } = await tool.run(['exec', 'node1', '--', 'ping', '-c', '1', '-W', '5', peer]);
      t.is(code, 0, peer);
    }
  });
}

async function answersTruly(t: ExecutionContext, tool: Tool): Promise<void> {
  const odd = ['', ' ', 'a b', '$HOME', '"', "'", '\\', 'two\nlines', '*'];
  const echoed = await tool.succeed('exec', 'node1', '--', 'printf', '%s\\0', ...odd);
  t.deepEqual(echoed.stdout.split('\0').slice(0, -1), odd, 'arguments arrive byte for byte');
  t.is((await tool.run(['exec', 'node2', '--', 'sh', '-c', 'exit 42'])).code, 42);
  for (const [signal, number] of Object.entries({ TERM: 15, BUS: 7, TRAP: 5, SYS: 31, KILL: 9 }))
    t.is((await tool.run(['exec', 'node2', '--', 'sh', '-c', `kill -${signal} $$`])).code, 128 + number);
  // The shell of a guest ignores SIGQUIT.
  await using sleeping = await tool.start('exec', 'node2', '--', 'sleep', '600');
  await tool.succeed('exec', 'node2', '--', 'sh', '-c', 'until killall -QUIT sleep; do usleep 100000; done');
  t.is((await sleeping.exited).code, 128 + 3);
  const piped = await tool.run(['exec', 'node1', '--', 'wc', '-c'], { input: 'x'.repeat(100_000) });
  t.is(piped.stdout.trim(), '100000', 'standard input arrives whole');
  await endsWithItsReader(t, tool);
  const typed = await tool.run(['ssh', 'node1'], { input: 'echo "$HOME"\nexit 3\n' });
  t.is(typed.stdout, '/root\n', 'a shell without a terminal reads a pipe');
  t.is(typed.code, 3);
  t.is(
    (await tool.run(['ssh', 'node1', '-t', '--', 'test', '-t', '0'], { input: '' })).code,
    0,
    'and gets a terminal by -t',
  );
  const unknown = await tool.run(['exec', 'node9', '--', 'true']);
  t.is(unknown.code, 2);
  t.regex(unknown.stderr, /there is no node node9/);
}

/** As `testbed exec node1 -- seq ... | head -1`. */
async function endsWithItsReader(t: ExecutionContext, tool: Tool): Promise<void> {
  await using command = await tool.start('exec', 'node1', '--', 'seq', '1', '2000000');
  const { stdout, stderr } = command;
  if (stdout === undefined || stderr === undefined) throw new Error('no output to read');
  await once(stdout, 'data');
  stdout.destroy();
  let said = '';
  for await (const chunk of stderr) said += String(chunk);
  t.is(said, '');
  t.is((await command.exited).code, 141, '128 + SIGPIPE');
}

async function swapsOverTheNetwork(t: ExecutionContext, tool: Tool): Promise<void> {
  const swaps = await tool.succeed('exec', 'node1', '--', 'cat', '/proc/swaps');
  t.regex(swaps.stdout, /\/dev\/nbd0\s+partition/);
  const cluster = await tool.succeed('exec', 'node1', '--', 'cat', '/proc/sys/vm/page-cluster');
  t.is(cluster.stdout.trim(), '0');
}

/** The first line of `next:`, and the same search without help. */
async function stretchesAsPrinted(t: ExecutionContext, tool: Tool): Promise<void> {
  const search = ['linear-search', '--bytes', '64M', '--seed', '1'];
  const plain = await tool.succeed('exec', 'node1', '--', ...search);
  const stretched = await tool.succeed(
    'exec',
    'node1',
    '--',
    'elastic',
    'run',
    '--budget',
    '32M',
    '--',
    ...search,
  );
  const [right, answer] = [plain, stretched].map(({ stdout }) => /"checksum":"\w+"/.exec(stdout)?.[0]);
  t.truthy(right);
  t.is(answer, right);
  const wait = {
    what: 'the end of the shell on node2',
    deadlineMs: 20_000,
    everyMs: 200,
    clock: systemClock,
  };
  await pollUntil(wait, async () => {
    const { code } = await tool.run(['exec', 'node2', '--', 'test', '-s', '/run/elastic/shells']);
    return code === 0 || undefined;
  });
  const swaps = await tool.succeed('exec', 'node1', '--', 'cat', '/proc/swaps');
  t.regex(swaps.stdout, /partition\s+\d+\s+0\s/, 'nothing was swapped');
}

async function copiesBothWays(t: ExecutionContext, tool: Tool): Promise<void> {
  const here = join(tool.folder, 'out');
  await mkdir(join(here, 'deep', 'empty'), { recursive: true });
  await writeFile(join(here, 'deep', 'with space'), 'content');
  await chmod(join(here, 'deep', 'with space'), 0o751);
  await tool.succeed('cp', here, 'node1:/root/tree');
  await tool.succeed('cp', 'node1:/root/tree', join(tool.folder, 'back'));
  const back = join(tool.folder, 'back', 'deep');
  t.is(await readFile(join(back, 'with space'), 'utf8'), 'content');
  t.is((await stat(join(back, 'with space'))).mode & 0o777, 0o751);
  t.true((await stat(join(back, 'empty'))).isDirectory());
}

async function loadsAModule(t: ExecutionContext, tool: Tool): Promise<void> {
  await tool.succeed('exec', 'node1', '--', 'modprobe', 'hello', 'whom=tests');
  t.regex((await tool.succeed('exec', 'node1', '--', 'lsmod')).stdout, /^hello /m);
  await tool.succeed('exec', 'node1', '--', 'rmmod', 'hello');
  const log = await tool.succeed('exec', 'node1', '--', 'dmesg');
  t.regex(log.stdout, /hello: greetings to tests/);
  t.regex(log.stdout, /hello: farewell to tests/);
}

/** A program that needs libraries which the image lacks. The second time the network is not asked for. */
async function takesDebianPackages(t: ExecutionContext, tool: Tool): Promise<void> {
  const strace = ['exec', 'node1', '--', 'strace', '-e', 'trace=execve', 'true'];
  t.not((await tool.run(strace)).code, 0, 'the image has it already');
  const first = await tool.json<Installation>('install', 'node1', 'strace');
  t.true(first.installed.some(({ name }) => name === 'strace'));
  t.regex((await tool.succeed(...strace)).stderr, /^execve\("\S*true", \["true"\]/m);
  const second = await tool.json<Installation>('install', 'node1', 'strace', '--offline');
  t.deepEqual(second, { installed: [], there: first.installed });
  const large = await tool.run(['install', 'node1', 'libreoffice-core']);
  t.is(large.code, 9);
  t.regex(large.stderr, /node1 has \S+ MiB of memory for files, and the packages take/);
  t.is((await tool.run(['install', 'node1', 'strace;reboot'])).code, 2);
}

async function servesPlainSsh(t: ExecutionContext, tool: Tool): Promise<void> {
  const config = join(tool.folder, 'ssh_config');
  await writeFile(config, (await tool.succeed('ssh-config')).stdout);
  const { stdout, stderr } = await systemProcesses.succeed(
    ['ssh', '-F', config, 'node2', 'cat /proc/sys/kernel/hostname'],
    {
      env: tool.env,
    },
  );
  t.is(stdout, 'node2\n');
  t.is(stderr, '', 'the proxy has nothing to say when ssh ends it');
  // Today's scp, like editors and sshfs, speaks sftp.
  const fetched = join(tool.folder, 'hostname');
  await systemProcesses.succeed(['scp', '-q', '-F', config, 'node2:/proc/sys/kernel/hostname', fetched], {
    env: tool.env,
  });
  t.is(await readFile(fetched, 'utf8'), 'node2\n');
}

async function changesNothingWhenUp(t: ExecutionContext, tool: Tool, before: TestbedStatus): Promise<void> {
  const again = await tool.succeed('up');
  t.regex(again.stdout, /It is up already; nothing was changed/);
  const after = await tool.json<TestbedStatus>('status');
  t.deepEqual(
    after.nodes.map(({ qemuPid }) => qemuPid),
    before.nodes.map(({ qemuPid }) => qemuPid),
  );
}

async function tellsOfALostDisk(t: ExecutionContext, tool: Tool): Promise<void> {
  t.notRegex((await tool.succeed('status')).stdout, /lost its server/);
  // One process of the server ends another, so killall may find one gone and say 1. What follows shows that it has ended.
  await tool.run(['exec', 'node2', '--', 'killall', 'nbd-server']);
  const wait = { what: 'news of the lost disk', deadlineMs: 20_000, everyMs: 200, clock: systemClock };
  await pollUntil(wait, async () => {
    const { nodes } = await tool.json<TestbedStatus>('status');
    return nodes.find(({ lostDisks }) => lostDisks.length > 0);
  });
  t.regex((await tool.succeed('status')).stdout, /node1 .* up, nbd0 has lost its server$/m);
}
