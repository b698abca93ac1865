// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { clearRemains, knownTestbeds, runningSupervisor } from '../../supervisor/registry.js';
import type { CommandBody } from '../command/command.js';

/** `testbed list` */
export const list: CommandBody = async (_invocation, { context, output }) => {
  const rows = [];
  for (const place of await knownTestbeds(context.paths)) {
    await clearRemains(place);
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
