// SPDX-License-Identifier: MIT
import { ExitCode } from '../base/error/exit-code.js';
import { toErrorRecord } from '../base/error/error-record.js';
import type { ErrorRecord } from '../base/error/testbed-error.js';
import { findCommand, GLOBAL_FLAGS, parseInvocation } from './command/command-line.js';
import type { Command, Flag } from './command/command.js';
import { OutputClosedError, OutputFailedError } from './command/errors.js';
import { COMMANDS } from './commands.js';
import { help } from './help-topics.js';
import { commandHelp, overview } from './command/help.js';
import { refuseSwallowedFlags } from './npm-swallowed.js';
import { refuseOtherEncodings } from './command/own-bytes.js';
import { processOutput, type Output } from './command/output.js';
import { watchOutput } from './command/watch-output.js';

/** Runs one command line and returns the exit code. Never throws. */
export async function runCommandLine(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const lost = watchOutput();
  const output = processOutput(
    argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined).includes('--json'),
  );
  try {
    const status = await runWords(argv, output, environment, lost);
    // An error of the last write is told a little later.
    await new Promise(setImmediate);
    lost.throwIfAborted();
    return status;
  } catch (thrown) {
    return report(lost.aborted ? lost.reason : thrown, output, environment);
  }
}

async function runWords(
  argv: readonly string[],
  output: Output,
  environment: NodeJS.ProcessEnv,
  lost: AbortSignal,
): Promise<number> {
  refuseOtherEncodings();
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h') {
    output.line(overview(COMMANDS));
    return ExitCode.Ok;
  }
  if (name === 'help') {
    output.line(await help(COMMANDS, rest));
    return ExitCode.Ok;
  }
  refuseSwallowedFlags(allFlags(COMMANDS), argv, environment);
  return await runCommand(findCommand(COMMANDS, name), rest, output, environment, lost);
}

async function runCommand(
  command: Command,
  argv: readonly string[],
  output: Output,
  environment: NodeJS.ProcessEnv,
  lost: AbortSignal,
): Promise<number> {
  const invocation = parseInvocation(command, argv);
  if (invocation.flag('help')) {
    output.line(commandHelp(command));
    return ExitCode.Ok;
  }
  const [body, { openSession }] = await Promise.all([command.load(), import('./command-session.js')]);
  const session = openSession(output, { offline: invocation.flag('offline'), environment, lost });
  return await body(invocation, session);
}

function allFlags(commands: readonly Command[]): ReadonlyMap<string, Flag['type']> {
  const tables = [GLOBAL_FLAGS, ...commands.map((command) => command.flags)];
  return new Map(tables.flatMap((flags) => Object.entries(flags).map(([name, { type }]) => [name, type])));
}

/** Says what happened, what to do, where the log is. @returns the exit code */
function report(thrown: unknown, output: Output, environment: NodeJS.ProcessEnv): number {
  const record = toErrorRecord(thrown);
  if (thrown instanceof OutputClosedError) return record.exitCode;
  // Where standard output has failed, an answer as JSON would not arrive.
  if (output.json && !(thrown instanceof OutputFailedError)) output.object({ error: record });
  else describe(record, output);
  if (environment['TESTBED_TRACE'] === '1') output.remark(String((thrown as Error).stack));
  return record.exitCode;
}

function describe(record: ErrorRecord, output: Output): void {
  for (const line of record.excerpt) output.remark(`  | ${line}`);
  output.remark(`testbed: ${record.message}`);
  output.remark(`  next: ${record.nextStep}`);
  if (record.log !== undefined) output.remark(`  log:  ${record.log}`);
}
