// SPDX-License-Identifier: MIT
import { resolve } from 'node:path';
import { ExitCode } from '../../base/error/exit-code.js';
import { ask } from '../../supervisor/client.js';
import type { Request } from '../../supervisor/protocol.js';
import type { CommandBody } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import { namedPlace } from '../command/named-place.js';

/** `testbed cp SOURCE TARGET` */
export const cp: CommandBody = async (invocation, { context }) => {
  const [source = '', target = ''] = invocation.positionals;
  const place = await namedPlace(invocation, context);
  await ask(place, transfer(source, target), { signal: context.signal });
  return ExitCode.Ok;
};

/** @throws UsageError when none of the two, or both, are NODE:PATH */
export function transfer(source: string, target: string): Request {
  const from = remote(source);
  const to = remote(target);
  if (from === undefined && to !== undefined)
    return { verb: 'push', node: to.node, local: resolve(source), remote: to.path };
  if (from !== undefined && to === undefined)
    return { verb: 'pull', node: from.node, local: resolve(target), remote: from.path };
  throw new UsageError(
    'cp wants one path on this machine and one of the form NODE:PATH',
    'npx testbed cp FILE node1:/root/FILE',
  );
}

/** `node1:/path`; a local name with a colon is written ./a:b. */
function remote(text: string): { node: string; path: string } | undefined {
  const match = /^([a-z][a-z0-9-]*):(.+)$/s.exec(text);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { node: match[1], path: match[2] };
}
