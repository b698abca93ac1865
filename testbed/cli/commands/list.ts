// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { knownTestbeds, runningSupervisor } from '../../supervisor/registry.js';
import type { CommandBody } from '../command/command.js';

/** `testbed list`: it changes nothing, since a testbed that is starting may look like one that is dead. */
export const list: CommandBody = async (_invocation, { context, output }) => {
  const rows = [];
  for (const place of await knownTestbeds(context.paths)) {
    const supervisor = await runningSupervisor(place);
    rows.push({
      name: place.name,
      state: supervisor === undefined ? 'down' : 'up',
      folder: place.folder,
      ...(supervisor === undefined ? {} : { pid: supervisor.pid, since: supervisor.since }),
    });
  }
  if (output.json) output.object(rows);
  else if (rows.length === 0) output.remark('no testbeds yet; npx testbed up makes one');
  else
    for (const row of rows) output.line(`${row.name.padEnd(20)} ${row.state.padEnd(5)} ${row.since ?? ''}`);
  return ExitCode.Ok;
};
