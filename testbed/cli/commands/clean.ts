// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import { ExitCode } from '../../base/error/exit-code.js';
import { acquireLock } from '../../base/host/lock.js';
import { clearDeadScratch } from '../../experiment/result/dead-scratch.js';
import { listLines } from '../../products/kernel/line/line.js';
import { objectPlace, treePlace } from '../../products/kernel/line/place.js';
import { Store } from '../../products/store/store.js';
import { knownTestbeds, removePlace } from '../../supervisor/registry.js';
import type { CommandBody } from '../command/command.js';

/** `testbed clean`: all that it removes can be made again. Sources, downloads and products are kept. */
export const clean: CommandBody = async (_invocation, { context, output }) => {
  for (const place of await knownTestbeds(context.paths)) {
    await removePlace(context, place);
  }
  await clearDeadScratch(context);
  if (await new Store(context).clearRemains()) output.remark('removed half-written products');
  for (const line of await listLines(context.paths)) {
    const place = treePlace(context.paths, line);
    await using _lock = await acquireLock(context, place.lock, {
      wait: 'refuse',
      purpose: `cleaning ${line}`,
    });
    for (const variant of ['release', 'debug'] as const) {
      const { objects, modules, log, record } = objectPlace(place, variant);
      for (const path of [objects, modules, log, record]) await rm(path, { recursive: true, force: true });
    }
    output.remark(`removed the object trees of ${line}`);
  }
  return ExitCode.Ok;
};
