// SPDX-License-Identifier: MIT
import { withoutElasticOS } from '../guest/stretched.js';
import { Tool } from '../guest/tool.js';
import type { ElasticSoak } from './elasticos.js';
import { findNoLeaks } from './leaks.js';

/**
 * Messages that are wrong in one field, cut short or noise, over connections that the kernel trusts: to a shell as from its
 * home, to a home as from a shell. On the debug variant where it knows ElasticOS.
 * @throws Error when a shell or a process hangs; a report of the kernel ends it as well
 */
export async function soakWrongMessages({ line, rounds, say, signal }: ElasticSoak): Promise<void> {
  const debug = withoutElasticOS(line, 'debug') === undefined ? ['--debug'] : [];
  await using tool = await Tool.make({}, signal);
  await tool.succeed('up', '--kernel', line, ...debug, '--nodes', '1', '--memory', '192M', '--no-flow');
  await tool.succeed('exec', 'node1', '--', 'modprobe', 'elasticos');
  for (const [seed, what] of ['shell', 'home'].entries()) {
    await tool.succeed('exec', 'node1', '--', 'fuzz', what, String(seed), String(rounds));
    say(`${String(rounds)} rounds of wrong messages to a ${what}`);
  }
  const left = await tool.succeed('exec', 'node1', '--', 'cat', '/proc/elasticos');
  if (left.stdout.includes('pid ')) throw new Error(`sessions are left: ${left.stdout}`);
  if (debug.length > 0) await findNoLeaks(tool);
  await tool.succeed('exec', 'node1', '--', 'rmmod', 'elasticos');
}
