// SPDX-License-Identifier: MIT
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { processStartTime } from '../../testbed/base/host/process-identity.js';
import type { RunningProcess } from '../../testbed/base/process/process-runner.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import type { TestbedStatus } from '../../testbed/supervisor/protocol.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { Tool } from './tool.js';

// One kernel is enough here: it is the tool's manners that are tested. Symptoms of both lines have unit tests.
const [kernel] = kernelsAtHand('release').filter(({ missing }) => missing === undefined);
const declare = kernel === undefined ? test.serial.skip : test.serial;
const up = ['up', '--kernel', kernel?.line ?? '', '--nodes', '2', '--memory', '128M', '--no-flow'];

declare('a guest that panics at boot ends `up` with its last lines, and leaves nothing', async (t) => {
  await using tool = await Tool.make();
  const { code, stderr } = await tool.run([...up, '--append', 'rdinit=/none', '--append', 'root=/dev/none']);
  t.is(code, 7);
  t.regex(stderr, /did not boot: panic/);
  t.regex(stderr, /\| .*Kernel panic - not syncing/);
  t.is((await tool.run(['status'])).code, 11);
  t.deepEqual(await qemusOf(tool), []);
});

declare('a guest that hangs at boot reaches the deadline, and the error shows how far it came', async (t) => {
  await using tool = await Tool.make({ TESTBED_PATIENCE: '0.2' });
  const { code, stderr } = await tool.run([...up, '--append', 'rdinit=/usr/bin/cat']);
  t.is(code, 12);
  t.regex(stderr, /the boot of node\d did not happen within/);
  t.deepEqual(await qemusOf(tool), []);
});

declare('a guest that panics under a command ends it within a second, with the console', async (t) => {
  await using tool = await Tool.make();
  await tool.succeed(...up);
  const sleeping = tool.run(['exec', 'node1', '--', 'sleep', '600']);
  await runsOn(tool, 'node1', 'sleep 600');
  const crashed = systemClock.now();
  await tool.succeed('crash', 'node1');
  const { code, stderr } = await sleeping;
  t.is(code, 8);
  t.regex(stderr, /node1 died: panic/);
  // Not a timed test: the deadline of what is waited for would be minutes.
  t.true(systemClock.now() - crashed < 30_000);
  const status = await tool.json<TestbedStatus>('status');
  t.deepEqual(
    status.nodes.map(({ state }) => state),
    ['dead', 'up'],
  );
  await tool.succeed('reboot', 'node1');
  await tool.succeed('exec', 'node1', '--', 'true');
});

declare('a command that the OOM killer ended says so', async (t) => {
  await using tool = await Tool.make();
  await tool.succeed(...up, '--nodes', '1');
  const { code, stderr } = await tool.run(['exec', 'node1', '--', 'tail', '/dev/zero']);
  t.is(code, 137);
  t.regex(stderr, /out of memory on node1: the OOM killer ended tail \(pid \d+\)/);
  const { nodes } = await tool.json<TestbedStatus>('status');
  t.is(nodes[0]?.oomKills, 1);
});

declare('the memory of a guest that panics is kept when that was asked for', async (t) => {
  await using tool = await Tool.make();
  await tool.succeed(...up, '--nodes', '1', '--memory', '128M', '--dump');
  await tool.succeed('crash', 'node1');
  await waitFor('the end of QEMU', async () => ((await qemusOf(tool)).length === 0 ? true : undefined));
  const { nodes } = await tool.json<TestbedStatus>('status');
  const core = join(dirname(nodes[0]?.consoleLog ?? ''), 'node1.core');
  t.true((await stat(core)).size >= 128 * 2 ** 20);
  const file = await open(core);
  t.is((await file.read(Buffer.alloc(4), 0, 4)).buffer.toString('latin1'), '\x7fELF');
  await file.close();
});

declare(
  'kill -9 of the supervisor takes its QEMUs along, and the next command clears the rest',
  async (t) => {
    await using tool = await Tool.make();
    const { supervisorPid, nodes } = await tool.json<TestbedStatus>(...up);
    process.kill(supervisorPid, 'SIGKILL');
    await gone([supervisorPid, ...nodes.map(({ qemuPid }) => qemuPid)]);
    const status = await tool.run(['status']);
    t.is(status.code, 11);
    await tool.succeed(...up);
    await tool.succeed('exec', 'node2', '--', 'true');
  },
);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
  declare(`${signal} in the middle of a boot leaves no QEMU behind`, async (t) => {
    await using tool = await Tool.make();
    await using command = await tool.start(...up);
    await waitFor('two QEMUs', async () => ((await qemusOf(tool)).length === 2 ? true : undefined));
    const qemus = await qemusOf(tool);
    command.kill(signal);
    const exit = await command.exited;
    if (signal !== 'SIGKILL') t.is(exit.code, signal === 'SIGINT' ? 130 : 143);
    await gone(qemus);
    t.is((await tool.run(['status'])).code, 11);
  });
}

const SOAKS = [
  { signal: 'SIGINT', status: 130, part: 'elasticos/jumps', guests: 3 },
  { signal: 'SIGTERM', status: 143, part: 'virtual-time', guests: 3 },
] as const;

for (const { signal, status, part, guests } of SOAKS) {
  declare(`${signal} under a soak of ${part} ends all that it has started`, async (t) => {
    await using tool = await Tool.make();
    const before = await readdir(tool.folder);
    await using soak = await startSoak(tool, '--only', part, '--kernel', kernel?.line ?? '');
    await waitFor('its guests', async () => ((await qemusOf(tool)).length === guests ? true : undefined));
    await waitFor('a word of one of them', async () => (await hasSpoken(tool.folder)) || undefined);
    soak.kill(signal);
    t.is((await soak.exited).code, status);
    t.deepEqual(await processesOf(tool), []);
    t.deepEqual(await readdir(tool.folder), before);
  });
}

declare('Ctrl-C under an exec kills the remote process group', async (t) => {
  await using tool = await Tool.make();
  await tool.succeed(...up);
  await using command = await tool.start('exec', 'node1', '--', 'sh', '-c', 'sleep 601 & sleep 602');
  await runsOn(tool, 'node1', 'sleep 602');
  command.kill('SIGINT');
  t.is((await command.exited).code, 130);
  await waitFor('the end of the remote group', async () => {
    const { stdout } = await tool.succeed('exec', 'node1', '--', 'ps', '-o', 'args');
    return /sleep 60[12]/.test(stdout) ? undefined : true;
  });
  t.pass();
});

declare('of two `up` at once the second waits, says for whom, and finds the testbed up', async (t) => {
  await using tool = await Tool.make();
  const [first, second] = await Promise.all([tool.run(up), tool.run(up)]);
  t.is(first.code, 0);
  t.is(second.code, 0);
  const waited = [first, second].filter(({ stderr }) => stderr.includes('waiting for'));
  t.is(waited.length, 1);
  t.regex(waited[0]?.stdout ?? '', /It is up already/);
});

declare('two testbeds run side by side, each in a network of its own', async (t) => {
  await using tool = await Tool.make();
  await tool.succeed(...up);
  await tool.succeed(...up, '--name', 'other');
  await tool.succeed('exec', 'node1', '--', 'touch', '/root/mine');
  t.not((await tool.run(['exec', 'node1', '--name', 'other', '--', 'test', '-e', '/root/mine'])).code, 0);
  const list = await tool.json<{ name: string; state: string }[]>('list');
  t.deepEqual(list.map(({ name }) => name).sort(), ['default', 'other']);
});

declare('a partition cuts a node off, and healing joins it again', async (t) => {
  await using tool = await Tool.make();
  await tool.succeed(...up);
  const ping = ['exec', 'node1', '--', 'ping', '-c', '1', '-W', '2', 'node2'];
  t.is((await tool.run(ping)).code, 0);
  await tool.succeed('partition', 'node2');
  t.not((await tool.run(ping)).code, 0);
  t.regex((await tool.succeed('status')).stdout, /node2 .* up, cut off the network$/m);
  await tool.succeed('partition', 'node2', '--heal');
  t.is((await tool.run(ping)).code, 0);
  t.notRegex((await tool.succeed('status')).stdout, /cut off/);
});

declare('the console keeps every line with the time of the host', async (t) => {
  await using tool = await Tool.make();
  await tool.succeed(...up);
  const { stdout } = await tool.succeed('logs', 'node1');
  t.regex(stdout, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z .*Linux version/m);
  t.regex(stdout, /testbed: ready node1/);
});

/** `npm run soak` with all that it makes in the folder of a tool. */
async function startSoak(tool: Tool, ...arguments_: readonly string[]): Promise<RunningProcess> {
  const program = join(projectRoot(), 'dist', 'test', 'soak', 'soak.js');
  return await systemProcesses.start([process.execPath, program, ...arguments_], {
    stdio: ['ignore', 'ignore', 'ignore'],
    orphan: 'dies',
    env: { TMPDIR: tool.folder },
  });
}

async function hasSpoken(folder: string): Promise<boolean> {
  const files = await readdir(folder, { recursive: true });
  const logs = files.filter((file) => file.endsWith('console.log')).map((file) => stat(join(folder, file)));
  return (await Promise.all(logs)).some(({ size }) => size > 0);
}

/** Pids of all processes that were started by what {@link startSoak} starts. */
async function processesOf({ folder }: Tool): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(
    pids.map(async (pid) => readFile(join('/proc', pid, 'environ'), 'utf8').catch(() => '')),
  );
  return pids.filter((_, i) => environments[i]?.split('\0').includes(`TMPDIR=${folder}`));
}

/** Pids of QEMUs whose console is in this tool's state. */
async function qemusOf(tool: Tool): Promise<readonly number[]> {
  const { stdout } = await systemProcesses.run(['pgrep', '-x', 'qemu-system-x86']);
  const own: number[] = [];
  for (const pid of stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(Number)) {
    const commandLine = await readFile(join('/proc', String(pid), 'cmdline'), 'utf8').catch(() => '');
    if (commandLine.includes(tool.folder)) own.push(pid);
  }
  return own;
}

async function runsOn(tool: Tool, node: string, command: string): Promise<void> {
  await waitFor(`${command} on ${node}`, async () => {
    const { stdout } = await tool.succeed('exec', node, '--', 'ps', '-o', 'args');
    return stdout.includes(command) ? true : undefined;
  });
}

async function gone(pids: readonly number[]): Promise<void> {
  await waitFor('the end of every process', async () => {
    const alive = await Promise.all(pids.map(async (pid) => processStartTime(pid)));
    return alive.every((startTime) => startTime === undefined) ? true : undefined;
  });
}

async function waitFor(what: string, probe: () => Promise<true | undefined>): Promise<void> {
  await pollUntil({ what, deadlineMs: 60_000, everyMs: 100, clock: systemClock }, probe);
}
