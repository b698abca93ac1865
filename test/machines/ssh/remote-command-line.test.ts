// SPDX-License-Identifier: MIT
import test from 'ava';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { commandLine, terminalCommandLine } from '../../../testbed/machines/ssh/remote-command-line.js';
import { RemoteArgumentError } from '../../../testbed/machines/ssh/errors.js';

/** Words that a shell would do something with. */
export const HARD_WORDS = [
  'two words',
  "it's",
  '$HOME ${HOME} $(id) `id`',
  '',
  'line\nbreak\n',
  '"\\"',
  '*',
  '~',
  '-n',
  '--',
  'a=b',
  '!#;&|<>()',
  '\t\r\u0001\u007f',
  'é 漢 🙂',
];

async function runBySh(line: { text: string; preamble: Buffer | undefined }, input = ''): Promise<string> {
  const { stdout } = await systemProcesses.succeed(['sh', '-c', line.text], {
    input: Buffer.concat([line.preamble ?? Buffer.alloc(0), Buffer.from(input)]),
  });
  return stdout;
}

test('a shell hands every word on as it is', async (t) => {
  const line = commandLine('node1', ['printf', '%s\\0', ...HARD_WORDS]);
  t.is(line.preamble, undefined);
  t.deepEqual((await runBySh(line)).split('\0').slice(0, -1), HARD_WORDS);
});

test('so it does with variables', async (t) => {
  const env = Object.fromEntries(HARD_WORDS.map((word, index) => [`WORD_${index}`, word]));
  const names = Object.keys(env).map((name) => `"$${name}"`);
  const line = commandLine('node1', ['sh', '-c', `printf '%s\\0' ${names.join(' ')}`], env);
  t.deepEqual((await runBySh(line)).split('\0').slice(0, -1), HARD_WORDS);
});

test('a command that is too long for ssh goes ahead of its input', async (t) => {
  const words = Array.from({ length: 2_000 }, (_, index) => `it's word ${index}\n`);
  const line = commandLine('node1', ['sh', '-c', `printf '%s\\0' "$@"; cat`, 'sh', ...words]);
  t.true(Buffer.byteLength(line.text) < 200);
  const output = (await runBySh(line, 'and its input')).split('\0');
  t.deepEqual(output, [...words, 'and its input']);
});

test('what execve cannot carry is refused', (t) => {
  t.throws(() => commandLine('node1', ['printf', 'a\0b']), { instanceOf: RemoteArgumentError });
  t.throws(() => commandLine('node1', ['env'], { 'A B': '1' }), { instanceOf: RemoteArgumentError });
  t.throws(() => terminalCommandLine('node1', ['x'.repeat(10_000)]), { instanceOf: RemoteArgumentError });
});
