// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { Command, CommandBody } from '../command/command.js';
import { completionScript, SHELLS } from '../command/completion-script.js';
import { UsageError } from '../command/errors.js';

/** `testbed completion SHELL`, for the commands of a table. */
export function completionOf(commands: readonly Command[]): CommandBody {
  return async (invocation, { output }) => {
    const [name = ''] = invocation.positionals;
    const shell = SHELLS.find((each) => each === name);
    if (shell === undefined)
      throw new UsageError(
        `completion knows ${SHELLS.join(', ')}, not ${name}`,
        'npx testbed completion --help',
      );
    output.line(completionScript(shell, commands));
    return Promise.resolve(ExitCode.Ok);
  };
}
