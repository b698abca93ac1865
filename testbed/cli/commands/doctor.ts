// SPDX-License-Identifier: MIT
import { examineHost } from '../doctor/examine.js';
import { ExitCode } from '../../base/error/exit-code.js';
import type { CommandBody } from '../command/command.js';

const MARK = { good: 'ok  ', limited: 'so-so', missing: 'NO  ' } as const;

/** `testbed doctor` */
export const doctor: CommandBody = async (_invocation, { context, output }) => {
  const findings = await examineHost(context);
  if (output.json) output.object(findings);
  else
    for (const { what, verdict, text } of findings)
      output.line(`${MARK[verdict].padEnd(6)} ${what.padEnd(16)} ${text}`);
  return findings.some(({ verdict }) => verdict === 'missing') ? ExitCode.Host : ExitCode.Ok;
};
