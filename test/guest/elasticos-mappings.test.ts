// SPDX-License-Identifier: MIT
import test, { type ExecutionContext } from 'ava';
import { kernelsAtHand } from './kernels-at-hand.js';
import { counters, StretchedNodes, withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

/** Every second fault jumps. No two nodes together can hold the memory that `readonly` walks over. */
const RESTLESS = ['mode=threshold', 'threshold=2', 'window=1', 'budget=96', 'delay=5'] as const;
/** The execution stays where it jumped to while it reads all that `forked` shares with its child. */
const CALM = ['mode=threshold', 'threshold=100', 'window=64', 'budget=96', 'delay=5'] as const;

/**
 * A way by which the content behind a mapping without write permission changes, as guests/elastic/trials/readonly.c
 * names it; and what has to be counted on the other nodes meanwhile, or the case has not been tried.
 */
interface Case {
  readonly name: string;
  readonly what: string;
  readonly counter: string;
  /** The line that has it; both when absent. */
  readonly only?: string;
}

const CASES: readonly Case[] = [
  { name: 'unmap', what: 'munmap, and another file mapped at its address', counter: 'pulled_copies' },
  { name: 'over', what: 'another file mapped over it', counter: 'pulled_copies' },
  { name: 'onto', what: 'another mapping moved onto it', counter: 'pulled_copies' },
  {
    name: 'left',
    what: 'its pages moved elsewhere with MREMAP_DONTUNMAP',
    counter: 'pulled_copies',
    only: 'linux-6.1',
  },
  { name: 'dontneed', what: 'MADV_DONTNEED', counter: 'pulled_copies' },
  { name: 'mprotect', what: 'made writable, and then another file mapped', counter: 'pulled_copies' },
  { name: 'rewrite', what: 'written to between two mprotect', counter: 'pulled_copies' },
  { name: 'write', what: 'its file written to by the process', counter: 'pulled_copies' },
  { name: 'writer', what: 'its file opened, written to and closed', counter: 'pulled_copies' },
  { name: 'truncate', what: 'its file truncated', counter: 'pulled_copies' },
  {
    name: 'mem',
    what: 'memory written to through /proc/PID/mem',
    counter: 'pulled_copies',
    only: 'linux-6.1',
  },
  {
    name: 'mem-file',
    what: "a file's page written to through /proc/PID/mem",
    counter: 'pulled_copies',
    only: 'linux-6.1',
  },
  { name: 'poke', what: 'written to with ptrace', counter: 'pulled_copies' },
  { name: 'zero', what: 'never written to, then made writable', counter: 'pulled_zeroes' },
  { name: 'behind', what: 'touched beyond the end of its file', counter: 'forced_stuck' },
  {
    name: 'behind-private',
    what: 'writable, touched beyond the end of its file',
    counter: 'forced_stuck',
  },
];

for (const { line, missing } of kernelsAtHand('release')) {
  const reason = missing ?? withoutElasticOS(line);
  const declare = reason === undefined ? test.serial : test.serial.skip;
  const because = reason === undefined ? '' : ` (${reason})`;

  declare(`${line}: no node shows what a mapping showed before it changed${because}`, async (t) => {
    t.timeout(600_000);
    await using tool = await Tool.make();
    await tool.succeed(
      'up',
      '--kernel',
      line,
      '--nodes',
      '3',
      '--cpus',
      '2',
      '--memory',
      '128M',
      '--no-flow',
    );
    await using nodes = await StretchedNodes.join(tool, { shellBudgets: [160, 160] });
    const wrong: string[] = [];
    for (const case_ of CASES) {
      if (case_.only === undefined || case_.only === line) wrong.push(...(await wrongIn(nodes, case_)));
    }
    t.deepEqual(wrong, []);
    // A child writes to the pages that it shares at the moment when they leave.
    const { code, stdout, stderr } = await nodes.run(CALM, ['forked', '20', '2']);
    t.is(code, 0, stdout + stderr);
    t.regex(stdout, /^forked: 0 of \d+ pages wrong, [1-9]\d* spoilt$/m, 'and it did write');
    await silent(t, nodes);
  });
}

async function wrongIn(nodes: StretchedNodes, { name, what, counter }: Case): Promise<readonly string[]> {
  const before = await countedElsewhere(nodes, counter);
  const { code, stdout, stderr } = await nodes.run(RESTLESS, ['readonly', name, '2']);
  const said = (stdout + stderr).replace(/^pair: \d+ stretched.*\n/gm, '').trim();
  if (code !== 0 || !stdout.includes(`readonly: ${name}: 0 of `)) return [`${what}: ${said}`];
  await nodes.allGone();
  const after = await countedElsewhere(nodes, counter);
  return after > before ? [] : [`${what}: ${counter} elsewhere is still ${String(after)}`];
}

/** What the nodes that are not home have counted, for processes that have ended. */
async function countedElsewhere(nodes: StretchedNodes, counter: string): Promise<number> {
  const [, ...others] = await nodes.onEach('cat', '/proc/elasticos');
  return others
    .map((text) => Number(counters(text).get(counter) ?? 0))
    .reduce((sum, count) => sum + count, 0);
}

/** No kernel has said anything since it booted: not even that a node was lost. */
async function silent(t: ExecutionContext, nodes: StretchedNodes): Promise<void> {
  for (const text of await nodes.onEach('dmesg')) {
    const [, since = ''] = text.split(/testbed: ready node\d+\n/);
    t.notRegex(since, /BUG|WARNING|Oops|Bad|elasticos: (?:process|shell|node)/);
  }
}
