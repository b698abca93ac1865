// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import test from 'ava';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { pollUntil } from '../../testbed/base/clock/deadline.js';
import { processStartTime } from '../../testbed/base/host/process-identity.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';

const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** What a soak does: it has a tool, and something that the tool has started outlives its command. */
const PROGRAM = `
  import { systemProcesses } from ${here('../../testbed/base/process/system-processes.js')};
  import { Tool } from ${here('../guest/tool.js')};
  const tool = await Tool.make();
  const left = await systemProcesses.start(['sleep', '1000'], { orphan: 'survives', env: tool.env });
  console.log(JSON.stringify({ folder: tool.folder, pid: left.pid }));
`;

test('kill -9 of a soak or a bench leaves no process and no folder', async (t) => {
  const argv = [process.execPath, '--input-type=module', '--eval', PROGRAM] as const;
  await using soak = await systemProcesses.start(argv, { orphan: 'dies' });
  if (soak.stdout === undefined) throw new Error('no standard output');
  for await (const line of createInterface({ input: soak.stdout })) {
    const { folder, pid } = JSON.parse(line) as { readonly folder: string; readonly pid: number };
    t.true(existsSync(folder));
    t.not(await processStartTime(pid), undefined);
    soak.kill('SIGKILL');
    await soak.exited;
    const wait = { what: 'the end of what is left', deadlineMs: 60_000, everyMs: 50, clock: systemClock };
    await pollUntil(wait, async () => {
      const isLeft = existsSync(folder) || (await processStartTime(pid)) !== undefined;
      return isLeft ? undefined : true;
    });
    return;
  }
  t.fail('the program has said nothing');
});
