// SPDX-License-Identifier: MIT
import { createHash, createHmac } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { buildPrograms, type BuiltPrograms } from '../experiment/workload/built-programs.js';

let programs: BuiltPrograms;

test.before(async () => {
  programs = await buildPrograms(() => ['check'], 'elastic');
});

test.after.always(async () => {
  await programs[Symbol.asyncDispose]();
});

async function parsing(input: string, ...words: readonly string[]): Promise<string> {
  const finished = await systemProcesses.run([join(programs.folder, 'check', 'parsing'), ...words], {
    input,
  });
  return finished.code === 0 ? finished.stdout.trimEnd() : 'refused';
}

test('SHA-256 and HMAC are those of another implementation, around every block’s end', async (t) => {
  for (const count of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const text = 'a'.repeat(count);
    const { stdout: hash } = await programs.run('check/digest', 'hash', String(count));
    t.is(hash.trim(), createHash('sha256').update(text).digest('hex'));
    for (const key of ['k', 'k'.repeat(64), 'k'.repeat(65)]) {
      const { stdout: code } = await programs.run('check/digest', 'hmac', key, String(count));
      t.is(code.trim(), createHmac('sha256', key).update(text).digest('hex'));
    }
  }
});

test('random frames are refused, or mean one message and no other', async (t) => {
  const { code, stdout } = await programs.run('check/message', '300000');
  t.is(code, 0, stdout);
});

const DECISIONS: readonly [situation: string, decision: RegExp][] = [
  ['budget=8192 resident=100', /^stay 30$/],
  ['budget=8192 resident=4095', /^stay 5$/],
  ['budget=8192 resident=4096', /^stretch /],
  ['budget=262144 resident=100', /^stay 200$/],
  ['budget=262144 resident=230000', /^stay /],
  ['budget=262144 resident=235930', /^stretch /],
  ['budget=0 resident=600000', /^stay /],
  ['budget=0 resident=600 available=1000', /^stretch /],
  ['budget=10000 resident=9990 nodes=1 limited=1 lent=5000 away=3999', /^stay /],
  ['budget=10000 resident=9990 nodes=1 limited=1 lent=5000 away=4000', /^stretch /],
  ['budget=10000 resident=9990 nodes=1 limited=0 away=0', /^stay /],
  ['budget=10000 resident=600 nodes=1 limited=1 lent=5000 away=100 calm=2999', /^stay /],
  ['budget=10000 resident=600 nodes=1 limited=1 lent=5000 away=100 calm=3000', /^contract /],
  ['budget=10000 resident=600 nodes=1 limited=1 lent=5000 away=3200 calm=9000', /^stay /],
  ['budget=0 resident=2000 nodes=1 limited=1 lent=9000 away=5000 available=6000 calm=9000', /^stay /],
];

for (const [situation, decision] of DECISIONS) {
  test(`the manager's decision with ${situation}`, async (t) => {
    const { stdout } = await programs.run('check/decide', ...situation.split(' '));
    t.regex(stdout.trim(), decision);
  });
}

test('nodes are read from a hosts file; loopback, comments and other addresses are not nodes', async (t) => {
  const hosts = '127.0.0.1 localhost\n10.77.0.1 node1 first # one\n\n::1 six\n10.77.0.2\tnode2\n10.77.0.3\n';
  t.is(await parsing(hosts, 'hosts'), 'node1 0a4d0001\nnode2 0a4d0002');
  const many = Array.from({ length: 17 }, (_, i) => `10.77.0.${i + 1} n${i}\n`).join('');
  t.is(await parsing(many, 'hosts'), 'refused');
});

test('sessions are read from /proc/elasticos, whatever else is in it', async (t) => {
  const text = [
    'ended 7',
    'pulls 9',
    '',
    'pid 42\nnode 0\nstate parked\npolicy adaptive\nbudget_pages 512\nresident_pages 500',
    'link_1 up\nroom_1 -3\nlink_2 lost\nroom_2 7\nlink_99 up\njumps_out 3\npull_histogram 1 2 3\n',
    'pid 43\nnode 1\nstate running\ncookie 00c0ffee00c0ffee\npolicy sticky\n',
  ].join('\n');
  t.deepEqual((await parsing(text, 'sessions')).split('\n'), [
    '42 node 0 cookie 0 parked adaptive budget 512 resident 500 jumps 3 links 1:-3',
    '43 node 1 cookie c0ffee00c0ffee running sticky budget 0 resident 0 jumps 0 links',
  ]);
});

test('available memory is what lies above the low watermark, and swap is counted apart', async (t) => {
  const text =
    'MemTotal: 100000 kB\nMemFree: 50000 kB\nCached: 30000 kB\nActive(file): 100 kB\nInactive(file): 20 kB\n';
  t.is(await parsing(text, 'meminfo', '8192'), `${100_000 * 1024} ${(50_000 - 10_240) * 1024} 0`);
  t.is(await parsing(text, 'meminfo', '8192', 'cache'), `${100_000 * 1024} ${(50_120 - 10_240) * 1024} 0`);
  t.is(await parsing(`${text}SwapFree: 30 kB\n`, 'meminfo', '80000'), `${100_000 * 1024} 0 ${30 * 1024}`);
  t.is(await parsing('MemTotal: 1 kB\n', 'meminfo', '0'), 'refused');
});

test('a process is told from another of its pid by its start, whatever its name', async (t) => {
  const rest = `S 1${' 0'.repeat(17)} 12345 6 7`;
  t.is(await parsing(`42 (plain) ${rest}\n`, 'stat'), 'plain 12345');
  t.is(await parsing(`42 (a) b ( c) ${rest}\n`, 'stat'), 'a) b ( c 12345');
  t.is(await parsing('42 (short) S 1 2\n', 'stat'), 'refused');
});

test('a manager takes over what the one before it knew, but for processes that are gone and places it does not know', async (t) => {
  const { stdout } = await programs.run('check/book');
  const known = ' 000000000000feed 8192 1 32 16 3 0 0 1 2:0a4d0002:4096';
  t.deepEqual(stdout.trimEnd().split('\n'), [
    `written:${known}`,
    `read:${known}`,
    "another's pid: nothing",
    'unknown node: nothing',
    `with children:${known} children`,
  ]);
});

test('sizes are whole numbers with K, M or G', async (t) => {
  t.is(await parsing('', 'size', '3G'), String(3 * 2 ** 30));
  t.is(await parsing('', 'size', '4096'), '4096');
  for (const wrong of ['', '-1', '1.5M', '1T', 'M', '99999999999999999999', '99999999999G'])
    t.is(await parsing('', 'size', wrong), 'refused', wrong);
});

test('what a child inherits is a wish, or is refused: a program can set the variable to anything', async (t) => {
  const wish = '31 3072 1 32 16 3 0';
  t.is(await parsing('', 'wish', wish), wish);
  t.is(await parsing('', 'wish', '0 0 0 0 0 0 1'), '0 0 0 0 0 0 1');
  for (const wrong of ['', 'x', '31 3072 1 32 16 3', `${wish} 1`, `${wish}x`])
    t.is(await parsing('', 'wish', wrong), 'refused', wrong);
  const outOfRange = ['31 1 9 32 16 3 0', '31 1 1 0 16 3 0', '31 1 1 32 65 3 0', '31 1 1 32 16 9 0'];
  for (const wrong of outOfRange) t.is(await parsing('', 'wish', wrong), 'refused', wrong);
});

test('children are found from fork on, whatever they execute, and so are those whose parent has ended', async (t) => {
  const found = async (scripts: readonly string[], inherited?: string): Promise<readonly string[]> => {
    const argv = [join(programs.folder, 'check', 'children'), '1500', ...scripts] as const;
    const env = { ELASTIC_CHILDREN: inherited };
    const { stdout } = await systemProcesses.succeed(argv, { env });
    return stdout.trim().split('\n');
  };
  const tree = await found(['sleep 1 & sh -c "sleep 1; true" & wait']);
  t.is(tree[0], 'found sh, budget 1234');
  t.is(tree.filter((line) => line === 'found sleep, budget 1234').length, 2, tree.join('; '));
  const orphan = ['exec timeout 1 tail -f /dev/null', 'exec sleep 1'] as const;
  t.true((await found(orphan, '1 77 0 0 0 0 0')).includes('found sleep, budget 77'));
  t.false((await found(orphan)).some((line) => line.startsWith('found sleep')));
});

test('strangers that say nothing keep neither another caller away nor a node', async (t) => {
  const heard = async (callers: string): Promise<string> => {
    const { stdout } = await programs.run('check/strangers', ...callers.split(' '));
    return stdout.trim();
  };
  t.is(await heard('a1 a1 a1 a1 n1'), 'a1 a1 a1 a1 n1');
  t.is(await heard('n1 a1 a1 a1 a1 a1 a1'), 'n1 a1 a1 a1 a1', 'four of one address');
  const many = Array.from({ length: 30 }, (_, index) => `b${String(index)}`).join(' ');
  t.is((await heard(`n1 n2 n3 ${many}`)).split(' ').length, 16, 'sixteen in all');
  t.regex(await heard(`n1 n2 n3 ${many}`), /^n1 n2 n3 b17 /, 'nodes are not crowded out');
  t.regex(await heard(`n2 n2 n2 n2 ${many} n2`), /^n2 n2 n2 b18 .* n2$/, "not by those of a node's address");
});

test('a key that others can read, or that is none, is refused', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'testbed-key-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'key');
  const key = 'ab'.repeat(32);
  await writeFile(path, `${key}\n`, { mode: 0o600 });
  t.is(await parsing('', 'key', path), key);
  await chmod(path, 0o640);
  t.is(await parsing('', 'key', path), 'refused');
  await chmod(path, 0o600);
  await writeFile(path, key.replace('a', 'x'));
  t.is(await parsing('', 'key', path), 'refused');
  await writeFile(path, key.slice(2));
  t.is(await parsing('', 'key', path), 'refused');
});
