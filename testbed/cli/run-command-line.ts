// SPDX-License-Identifier: MIT
import { ExitCode } from '../base/error/exit-code.js';
import { toErrorRecord, type ErrorRecord } from '../base/error/testbed-error.js';
import { findCommand, GLOBAL_FLAGS, parseInvocation } from './command/command-line.js';
import type { Command, Flag } from './command/command.js';
import { COMMANDS } from './commands.js';
import { commandHelp, overview } from './command/help.js';
import { refuseSwallowedFlags } from './npm-swallowed.js';
import { processOutput, type Output } from './command/output.js';

/** Runs one command line and returns the exit code. Never throws. */
export async function runCommandLine(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const output = processOutput(
    argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined).includes('--json'),
  );
  try {
    const [name, ...rest] = argv;
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      output.line(overview(COMMANDS));
      return ExitCode.Ok;
    }
    refuseSwallowedFlags(allFlags(COMMANDS), argv, environment);
    return await runCommand(findCommand(COMMANDS, name), rest, output, environment);
  } catch (thrown) {
    const record = toErrorRecord(thrown);
    report(record, output);
    if (environment['TESTBED_TRACE'] === '1') output.remark(String((thrown as Error).stack));
    return record.exitCode;
  }
}

async function runCommand(
  command: Command,
  argv: readonly string[],
  output: Output,
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const invocation = parseInvocation(command, argv);
  if (invocation.flag('help')) {
    output.line(commandHelp(command));
    return ExitCode.Ok;
  }
  const [body, { openSession }] = await Promise.all([command.load(), import('./command-session.js')]);
  const session = openSession(output, { offline: invocation.flag('offline'), environment });
  return await body(invocation, session);
}

function allFlags(commands: readonly Command[]): ReadonlyMap<string, Flag['type']> {
  const tables = [GLOBAL_FLAGS, ...commands.map((command) => command.flags)];
  return new Map(tables.flatMap((flags) => Object.entries(flags).map(([name, { type }]) => [name, type])));
}

/** What happened, what to do, where the log is. */
function report(record: ErrorRecord, output: Output): void {
  if (output.json) {
    output.object({ error: record });
    return;
  }
  for (const line of record.excerpt) output.remark(`  | ${line}`);
  output.remark(`testbed: ${record.message}`);
  output.remark(`  next: ${record.nextStep}`);
  if (record.log !== undefined) output.remark(`  log:  ${record.log}`);
}
