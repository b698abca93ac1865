// SPDX-License-Identifier: MIT
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';

const LAUNCH = join(projectRoot(), 'testbed', 'cli', 'launch.mjs');
/** The alternate screen of a terminal, and back. */
const ENTER = '\u001b[?1049h';
const LEAVE = '\u001b[?1049l';

let folder: string;
let env: Readonly<Record<string, string | undefined>>;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tb-'));
  env = {
    CI: undefined,
    NO_COLOR: undefined,
    TERM: 'xterm',
    SHELL: '/bin/sh',
    TESTBED_STATE: join(folder, 'state'),
    TESTBED_RUNTIME: join(folder, 'run'),
    NODE: process.execPath,
    LAUNCH,
  };
});

test.after.always(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What a terminal gets of `testbed watch` until Ctrl-C after a second, and the exit status. */
async function onTerminal(
  extra: Readonly<Record<string, string>>,
): Promise<{ text: string; status: number }> {
  const command = 'trap : INT; stty cols 60 rows 10; "$NODE" "$LAUNCH" watch; echo "status $?"; stty -a';
  await using terminal = await systemProcesses.start(['script', '-qec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    orphan: 'dies',
    env: { ...env, ...extra },
  });
  let text = '';
  let pressed = false;
  for await (const chunk of terminal.stdout ?? []) {
    text += String(chunk);
    if (!pressed && text.includes('down')) {
      pressed = true;
      terminal.stdin?.write('\u0003');
    }
  }
  return { text, status: Number(/status (\d+)/.exec(text)?.[1]) };
}

test('Ctrl-C leaves with status 130, and gives the terminal back', async (t) => {
  const { text, status } = await onTerminal({});
  t.is(status, 130, text);
  t.true(text.includes(ENTER), text);
  t.true(text.indexOf(LEAVE) > text.indexOf(ENTER), text);
  t.true(text.indexOf('testbed default: down') < text.indexOf(LEAVE), text);
  t.regex(text, /^isig icanon .*\becho /m);
});

test('NO_COLOR is honoured', async (t) => {
  // eslint-disable-next-line no-control-regex -- a colour is what is looked for
  const colour = /\u001b\[[0-9;]+m/;
  t.regex((await onTerminal({})).text, colour);
  t.notRegex((await onTerminal({ NO_COLOR: '1' })).text, colour);
});

test('without a terminal each snapshot is a line of JSON, also of a testbed that is down', async (t) => {
  await using watching = await systemProcesses.start([process.execPath, LAUNCH, 'watch'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    orphan: 'dies',
    env,
  });
  let text = '';
  for await (const chunk of watching.stdout ?? []) {
    text += String(chunk);
    if (text.split('\n').length > 2) break;
  }
  const [first = '', second = ''] = text.split('\n');
  for (const line of [first, second])
    t.like(JSON.parse(line), { testbed: 'default', state: 'down', nodes: [], processes: [], alarms: [] });
});

test('one snapshot of a testbed that is down is refused', async (t) => {
  const finished = await systemProcesses.run([process.execPath, LAUNCH, 'watch', '--once'], { env });
  t.is(finished.code, 11);
  t.regex(finished.stderr, /testbed default is not up/);
});

test('it looks twice a second at most', async (t) => {
  const argv = [process.execPath, LAUNCH, 'watch', '--every', '100'] as const;
  const finished = await systemProcesses.run(argv, { env });
  t.is(finished.code, 2);
  t.regex(finished.stderr, /100 ms is too short/);
});
