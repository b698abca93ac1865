// SPDX-License-Identifier: MIT
import { ALWAYS_JUMP, counters, mixed, StretchedNodes } from '../guest/stretched.js';
import { Tool } from '../guest/tool.js';
import type { ElasticSoak } from './elasticos.js';
import { findNoLeaks } from './leaks.js';

/** Half of the pages are remote, and every other fault jumps: 0.148 of them in a million. */
const JUMPS_A_VISIT = 0.145;
const PAGES = 200;
const MIXED = mixed(256);

/** Of a jump without the pages that go along. */
const MOST_BYTES = 2048;

/** How often the checker looks at a process that goes on. */
const PROOFS = 20;

/**
 * As many jumps as asked for, with canaries in every register, and a process on three nodes that is checked again and again.
 * @throws Error on the first thing that is wrong
 */
export async function soakJumps({ line, debug, jumps, say, signal }: ElasticSoak): Promise<void> {
  await using tool = await Tool.make({}, signal);
  const variant = debug ? ['--debug', '--memory', '192M'] : ['--memory', '128M'];
  await tool.succeed('up', '--kernel', line, ...variant, '--nodes', '3', '--no-flow');
  // A program that sees another node's clock sees that it is wrong.
  for (const node of ['node2', 'node3']) await tool.succeed('exec', node, '--', 'date', '-s', '@1000000000');
  await using nodes = await StretchedNodes.join(tool);
  say(`stretching over three nodes of ${line}`);
  const rounds = Math.ceil(jumps / JUMPS_A_VISIT / PAGES);
  const program = ['selfcheck', String(PAGES), String(rounds), 'random'];
  const alone = await tool.succeed('exec', 'node1', '--', ...program);
  const stretched = await nodes.run(ALWAYS_JUMP, program);
  if (stretched.code !== 0 || sumOf(stretched.stdout) !== sumOf(alone.stdout))
    throw new Error(`not what the process computes alone: ${stretched.stdout}`);
  const figure = (name: string): number => Number(counters(stretched.stderr).get(name));
  const made = figure('epoch');
  if (!(made >= jumps)) throw new Error(`${String(made)} jumps, and ${String(jumps)} were asked for`);
  const bytes = figure('jump_bytes') / figure('jumps_out');
  if (!(bytes <= MOST_BYTES)) throw new Error(`a jump without pages takes ${String(bytes)} bytes`);
  say(`${String(made)} jumps of ${bytes.toFixed(0)} bytes, every byte and register right`);
  await prove(nodes, say);
  await nodes.stopShells();
  await nodes.allGone();
  if (debug) await findNoLeaks(tool);
  await nodes.unload();
}

async function prove(nodes: StretchedNodes, say: ElasticSoak['say']): Promise<void> {
  await using process = await nodes.begin(MIXED, ['selfcheck', '2048', '10000000', 'random', '2000']);
  for (let time = 0; time < PROOFS; time += 1) {
    const { wrong, complaints } = await process.prove();
    if (wrong > 0) throw new Error(complaints.join('\n'));
  }
  const wrong = process.output.find((text) => text.startsWith('selfcheck: '));
  if (wrong !== undefined) throw new Error(wrong);
  await process.signal('KILL');
  await process.ended();
  await nodes.allGone();
  say(`${String(PROOFS)} times each page was in one place`);
}

function sumOf(stdout: string): string | undefined {
  return /^selfcheck: sum ([0-9a-f]{16}) errors 0 /m.exec(stdout)?.[1];
}
