// SPDX-License-Identifier: MIT
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { temporaryFolder } from '../products/image/test-context.js';

interface Refusal {
  readonly code: number | undefined;
  /** The first line of what was said. */
  readonly said: string;
}

/** Runs a command line in a home of its own, where no testbed has ever been up. */
async function refused(home: string, words: readonly string[], variables: object = {}): Promise<Refusal> {
  const env = { HOME: home, TESTBED_RUNTIME: join(home, 'run'), TESTBED_RESULTS: join(home, 'results') };
  const launcher = join(projectRoot(), 'testbed', 'cli', 'launch.mjs');
  const argv = [process.execPath, launcher, ...words] as const;
  const { code, stderr } = await systemProcesses.run(argv, { env: { ...env, ...variables } });
  return { code, said: stderr.split('\n')[0] ?? '' };
}

const LINES: readonly (readonly [words: readonly string[], code: number, said: RegExp])[] = [
  [['up', '--memory', 'lots'], 2, /--memory: "lots" is not a size/],
  [['up', '--memory', '0'], 2, /memory is 0; a guest takes 32M at the least/],
  [['up', '--with', 'lots'], 2, /--with is swap or elasticos or both or none, not lots/],
  [['up', '--no-flow', '--with', 'both'], 2, /--no-flow is --with none, not --with both/],
  [['up', '--kernel-source', 'foo'], 2, /--kernel-source: foo is not of the form LINE=PATH/],
  [['up', '--constructor'], 2, /testbed up has no flag --constructor/],
  [['up', '--name', 'run-1-1'], 2, /run-1-1 is a name for runs/],
  [['results', 'constructor'], 2, /results has no constructor/],
  [['help', 'nosuch'], 2, /"nosuch" is neither a command nor a topic/],
  [['logs', 'node1'], 11, /testbed default is not up/],
  [
    ['run', 'smoke', '--tap', '/nosuch/x.tap'],
    4,
    /\/nosuch.* cannot be used: a part of the path does not exist/,
  ],
  [['run', 'smoke', '--junit', '/tmp'], 4, /\/tmp cannot be used: a directory is there/],
  [
    ['run', 'elasticos', '--repeats', '1000'],
    3,
    /means \d+ cells, which take .*, more than one run can have/,
  ],
];

for (const [words, code, said] of LINES)
  test(`${words.join(' ')} is refused with ${code}`, async (t) => {
    const refusal = await refused(await temporaryFolder(t), words);
    t.regex(refusal.said, said);
    t.is(refusal.code, code);
  });

test('an argument that is not UTF-8 is refused, since it would not arrive as it is', async (t) => {
  const launcher = join(projectRoot(), 'testbed', 'cli', 'launch.mjs');
  // Node.js cannot start a program with such an argument, so a shell does.
  const script = 'exec "$@" "$(printf "a\\351")"';
  const words = [process.execPath, launcher, 'exec', 'node1', '--', 'echo'];
  const { code, stderr } = await systemProcesses.run(['sh', '-c', script, 'sh', ...words]);
  t.regex(stderr, /^testbed: an argument is not UTF-8/);
  t.is(code, 2);
});

test('a node without a console is told with those that have one', async (t) => {
  const home = await temporaryFolder(t);
  const folder = join(home, '.local', 'state', 'elasticos-testbed', 'testbeds', 'default');
  for (const node of ['node1', 'node2']) {
    await mkdir(join(folder, node), { recursive: true });
    await writeFile(join(folder, node, 'console.log'), 'booted\n');
  }
  const { stderr } = await systemProcesses.run(
    [process.execPath, join(projectRoot(), 'testbed', 'cli', 'launch.mjs'), 'logs', 'node7'],
    { env: { HOME: home, XDG_STATE_HOME: '', TESTBED_STATE: '' } },
  );
  t.regex(stderr, /there is no node node7\n {2}next: Its nodes are: node1, node2\./);
});

test('a place that cannot be made is told with its path, not as one that somebody holds', async (t) => {
  const home = await temporaryFolder(t);
  await denies(t, home, { TESTBED_STATE: '/sys/testbed-state' }, '/sys/testbed-state');
  await denies(t, home, { TESTBED_STATE: '/proc/testbed-state' }, '/proc/testbed-state');
  const file = join(home, 'file');
  await writeFile(file, '');
  await denies(t, home, { TESTBED_STATE: join(file, 'state') }, join(file, 'state'));
});

async function denies(t: ExecutionContext, home: string, variables: object, path: string): Promise<void> {
  const { code, said } = await refused(home, ['up', '--nodes', '1'], variables);
  t.is(code, 4);
  t.true(said.startsWith(`testbed: ${path}`), said);
  t.regex(said, / cannot be used: /);
}
