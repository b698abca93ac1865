// SPDX-License-Identifier: MIT
import type { Snapshot } from '../../api/watch/snapshot.js';
import { ExitCode } from '../../base/error/exit-code.js';
import { NotRunningError } from '../../supervisor/errors.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { wholeNumber } from '../command/whole-number.js';
import { drawSnapshot } from '../live/draw-snapshot.js';
import { Screen } from '../live/screen.js';
import { writeTo } from '../terminal/write-to.js';

const MOST_MS = 60_000;

/** `testbed watch`: drawn on a terminal, a line of JSON for each snapshot elsewhere. */
export const watch: CommandBody = async (invocation, { context, output }) => {
  const everyMs = wholeNumber(invocation, 'every', MOST_MS);
  const testbed = namedTestbed(invocation, context);
  const snapshots = testbed.watch(everyMs === undefined ? {} : { everyMs });
  if (invocation.flag('once')) return await once(testbed.name, snapshots);
  if (process.stdout.isTTY && !output.json) return await draw(snapshots);
  const write = writeTo(process.stdout);
  for await (const snapshot of snapshots) await write(Buffer.from(`${JSON.stringify(snapshot)}\n`));
  return ExitCode.Ok;
};

/** A snapshot that every node that lives has a part in. @throws NotRunningError */
async function once(name: string, snapshots: AsyncGenerator<Snapshot>): Promise<number> {
  for await (const snapshot of snapshots) {
    if (snapshot.state === 'down') throw new NotRunningError(name);
    if (snapshot.nodes.some(isAwaited)) continue;
    await writeTo(process.stdout)(Buffer.from(`${JSON.stringify(snapshot)}\n`));
    return ExitCode.Ok;
  }
  return ExitCode.Ok;
}

/** Whether a node may still be read for the first time. */
function isAwaited({ state, readingAgeMs, unread }: Snapshot['nodes'][number]): boolean {
  return state === 'up' && readingAgeMs === undefined && unread === undefined;
}

async function draw(snapshots: AsyncGenerator<Snapshot>): Promise<number> {
  using screen = new Screen(process.stdout);
  for await (const snapshot of snapshots) screen.show(drawSnapshot(snapshot, screen.look));
  return ExitCode.Ok;
}
