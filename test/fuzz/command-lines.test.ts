// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openContext } from '../../testbed/api/context/open-context.js';
import { TestbedError } from '../../testbed/base/error/testbed-error.js';
import { InterruptedError } from '../../testbed/base/lifecycle/interrupted-error.js';
import { ExitCode } from '../../testbed/base/error/exit-code.js';
import type { Session } from '../../testbed/cli/command/command.js';
import { findCommand, GLOBAL_FLAGS, parseInvocation } from '../../testbed/cli/command/command-line.js';
import { COMMANDS } from '../../testbed/cli/commands.js';
import { temporaryFolder } from '../products/image/test-context.js';
import { garbled, ODD_WORDS } from './junk.js';
import { freshSeed, Random } from './random.js';

const LINES = 500;

/** Arguments that mean something. */
const FIT_WORDS: readonly string[] = [
  ...[
    'node1',
    'smoke',
    'scenarios/virtual-time.json',
    'latest',
    'show',
    'compare',
    'prune',
    'path',
    'export',
  ],
  ...[
    'nbd-setup',
    'node1:/tmp/x',
    './here',
    'linux-6.1',
    'linux-2.6.38.8',
    '1..3',
    'virtual',
    '12.3s',
    '128M',
    '2',
  ],
];

test('a command line of odd words is refused with an error of its own', async (t) => {
  const seed = freshSeed();
  const random = new Random(seed);
  const session = await hostWithoutPrograms(t);
  let refused = 0;
  for (let index = 0; index < LINES; index += 1) {
    const words = oddLine(random);
    try {
      await run(words, session);
    } catch (thrown) {
      const line = JSON.stringify(words).slice(0, 500);
      t.true(thrown instanceof TestbedError, `seed ${seed}, ${line}: ${String((thrown as Error).stack)}`);
      t.not((thrown as TestbedError).exitCode, ExitCode.Internal, `seed ${seed}, ${line}: ${String(thrown)}`);
      refused += 1;
    }
  }
  t.log(`seed ${seed}: ${refused} of ${LINES} were refused`);
  t.true(refused > 0);
});

/** A session in an empty home, on a machine where no program is installed: nothing is built or booted. */
async function hostWithoutPrograms(t: ExecutionContext): Promise<Session> {
  const folder = await temporaryFolder(t);
  const { PATH } = process.env;
  process.env['PATH'] = folder;
  t.teardown(() => (process.env['PATH'] = PATH ?? ''));
  const places = ['state', 'runtime', 'results', 'cache'].map((name) => [name, join(folder, name)]);
  const paths = Object.fromEntries(places) as Record<string, string>;
  const silent = (): void => undefined;
  const output = { json: false, terminal: false, line: silent, object: silent, remark: silent };
  return { context: openContext({ paths, offline: true }), output, subscribe: () => silent };
}

/** Commands that go on until Ctrl-C, which comes at once here. */
const ENDLESS: readonly string[] = ['watch', 'view'];
const CTRL_C = AbortSignal.abort(new InterruptedError('SIGINT'));

/** As the program does. */
async function run([name = '', ...rest]: readonly string[], session: Session): Promise<void> {
  const command = findCommand(COMMANDS, name);
  const invocation = parseInvocation(command, rest);
  if (invocation.flag('help')) return;
  const context = ENDLESS.includes(command.name) ? { ...session.context, signal: CTRL_C } : session.context;
  await (
    await command.load()
  )(invocation, { ...session, context });
}

function oddLine(random: Random): readonly string[] {
  const command = random.of(COMMANDS);
  const flags = Object.entries({ ...GLOBAL_FLAGS, ...command.flags }).filter(([name]) => name !== 'help');
  const words = [random.happens(0.05) ? garbled(random, command.name) : command.name];
  const word = (): string => random.of(random.happens(0.5) ? FIT_WORDS : ODD_WORDS);
  for (let count = random.below(command.positionals[1] + 2); count > 0; count -= 1) words.push(word());
  for (let count = random.below(4); count > 0; count -= 1) {
    const [name, { type }] = random.of(flags);
    words.push(random.happens(0.1) ? `--${garbled(random, name)}` : `--${name}`);
    if (type === 'string') words.push(word());
  }
  if (random.happens(0.2)) words.push('--', word(), word());
  return words;
}
