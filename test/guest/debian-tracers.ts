// SPDX-License-Identifier: MIT
import type { ExecutionContext } from 'ava';
import { ALWAYS_JUMP, type StretchedNodes, type StretchedProcess } from './stretched.js';

/*
 * strace and gdb, as Debian ships them, attach to a process whose pages and execution are elsewhere.
 */

const PAGES = 512;
const PAGE = 4096n;

/** They leave it whole: every word was what it had to be, and it goes away again. Image tools has them. */
export async function survivesDebiansTracers(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  await using process = await nodes.begin(ALWAYS_JUMP, ['onlooker', 'hold', String(PAGES), '240']);
  await process.says(/^hold \d+ /);
  for (let round = 0; round < 3; round++) {
    await isTraced(t, process);
    await isDebugged(t, process);
    await jumpsOn(t, process);
  }
  const { wrong, complaints } = await process.prove();
  t.is(wrong, 0, complaints.join('\n'));
  await process.signal('TERM');
  t.is(await process.ended(), 0, process.output.join('\n'));
  t.true(process.output.includes('hold: 0 wrong, busy'), process.output.join('\n'));
}

/** strace attaches, sees a signal that the process ignores, and detaches when it is interrupted. */
async function isTraced(t: ExecutionContext, process: StretchedProcess): Promise<void> {
  const pid = String(process.pid);
  const seen = await atHome(
    process,
    'sh',
    '-c',
    [
      `strace -o /tmp/trace -p ${pid} 2>/tmp/said & tracer=$!`,
      'timeout 60 sh -c "until grep -q attached /tmp/said; do usleep 20000; done"',
      `kill -WINCH ${pid}`,
      'timeout 60 sh -c "until grep -q SIGWINCH /tmp/trace; do usleep 20000; done"',
      'kill -INT $tracer; wait $tracer; cat /tmp/said /tmp/trace',
    ].join('\n'),
  );
  t.regex(seen, /^--- SIGWINCH \{si_signo=SIGWINCH, /m);
  t.regex(seen, /detached$/m);
}

/** gdb attaches, reads pages from both ends of what the process has, writes one, steps, and detaches. */
async function isDebugged(t: ExecutionContext, process: StretchedProcess): Promise<void> {
  const place = BigInt(process.output.find((said) => said.startsWith('hold '))?.split(' ')[2] ?? '0');
  const pages = [0n, 100n, 300n, BigInt(PAGES - 1)];
  const commands = pages.map((page) => `x/gx ${String(place + page * PAGE)}`);
  const write = `set var *(unsigned long *)${String(place)} = *(unsigned long *)${String(place)}`;
  const words = ['stepi', 'stepi', ...commands, write, 'detach'].flatMap((command) => ['-ex', command]);
  const seen = await atHome(process, 'gdb', '-nx', '-batch', '-p', String(process.pid), ...words);
  const found = [...seen.matchAll(/^0x[0-9a-f]+:\s+0x([0-9a-f]+)$/gm)].map(([, word]) => word);
  t.deepEqual(
    found,
    pages.map((page) => word(page * 512n)),
    seen,
  );
  t.regex(seen, /^\[Inferior 1 \(process \d+\) detached\]$/m);
}

/** Nobody traces it any more: it goes away again. */
async function jumpsOn(t: ExecutionContext, process: StretchedProcess): Promise<void> {
  const { tool, home } = process.on;
  const looks = [
    `count() { awk '/^jumps_out /{n += $2} END {print n}' /proc/elasticos; }`,
    'before=$(count)',
    'for i in $(seq 600); do [ "$(count)" -gt "$before" ] && exit 0; usleep 100000; done; exit 1',
  ];
  const { code } = await tool.run(['exec', home.name, '--', 'sh', '-c', looks.join('\n')]);
  t.is(code, 0, 'it jumps');
}

async function atHome(process: StretchedProcess, ...argv: readonly string[]): Promise<string> {
  const { tool, home } = process.on;
  const { stdout, stderr } = await tool.succeed('exec', home.name, '--', ...argv);
  return stdout + stderr;
}

/** What onlooker writes into word `i`, in hexadecimal as gdb shows it. */
function word(i: bigint): string {
  const value = BigInt.asUintN(64, i * 0x9e3779b97f4a7c15n + 1n);
  return value.toString(16).padStart(16, '0');
}
