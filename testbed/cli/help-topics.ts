// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../base/host/paths.js';
import { findCommand } from './command/command-line.js';
import type { Command } from './command/command.js';
import { UsageError } from './command/errors.js';
import { commandHelp, overview } from './command/help.js';

/** Pages of docs/ that `testbed help TOPIC` shows, by topic. Results are explained beside scenarios. */
const TOPICS: ReadonlyMap<string, readonly [page: string, summary: string]> = new Map([
  ['scenario', ['scenarios.md', 'every field of a scenario, every field of a result']],
  ['result', ['scenarios.md', 'the same page']],
  ['numbers', ['trusting-numbers.md', 'what the times of emulated guests mean']],
  ['exit-codes', ['exit-codes.md', 'errors and exit codes']],
  ['elastic', ['elastic-manager.md', 'running a program of your own elastically']],
  ['limits', ['limits.md', 'what such a program can and cannot do']],
  ['virtual-time', ['virtual-time.md', 'the same run, to the bit, on any machine']],
  ['debugging', ['debugging.md', 'counters, traces, two kernels in gdb']],
  ['api', ['api.md', 'the same as the commands, from TypeScript']],
]);

/**
 * What `testbed help` says: the commands and topics, of a command what its --help says, of a topic the page in docs/.
 * @throws UsageError for what is neither
 */
export async function help(
  commands: readonly Command[],
  [subject, ...more]: readonly string[],
): Promise<string> {
  if (subject === undefined) return `${overview(commands)}\n\n${topicLines()}`;
  if (more.length > 0) throw new UsageError('testbed help takes one word', 'npx testbed help scenario');
  const [page] = TOPICS.get(subject) ?? [];
  if (page !== undefined) return (await readFile(join(projectRoot(), 'docs', page), 'utf8')).trimEnd();
  if (commands.some(({ name }) => name === subject)) return commandHelp(findCommand(commands, subject));
  throw new UsageError(
    `${JSON.stringify(subject)} is neither a command nor a topic`,
    `Topics: ${[...TOPICS.keys()].join(', ')}.`,
  );
}

function topicLines(): string {
  const width = Math.max(...[...TOPICS.keys()].map(({ length }) => length));
  const lines = [...TOPICS].map(([topic, [, summary]]) => `  ${topic.padEnd(width)}  ${summary}`);
  return ['npx testbed help TOPIC shows a page of the documentation:', '', ...lines].join('\n');
}
