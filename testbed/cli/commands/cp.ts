// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { CommandBody } from '../command/command.js';
import { UsageError } from '../command/errors.js';
import { namedTestbed } from '../command/named-testbed.js';

/** `testbed cp SOURCE TARGET` */
export const cp: CommandBody = async (invocation, { context }) => {
  const [source = '', target = ''] = invocation.positionals;
  const copy = copyOf(source, target);
  const testbed = await namedTestbed(invocation, context).attach();
  const node = testbed.node(copy.node);
  if (copy.to === 'node') await node.copyFromHost(copy.hostPath, copy.nodePath);
  else await node.copyToHost(copy.nodePath, copy.hostPath);
  return ExitCode.Ok;
};

interface Copy {
  readonly to: 'node' | 'host';
  readonly node: string;
  readonly nodePath: string;
  readonly hostPath: string;
}

/** @throws UsageError when neither or both of the two are NODE:PATH */
function copyOf(source: string, target: string): Copy {
  const from = remote(source);
  const to = remote(target);
  if (from === undefined && to !== undefined) return { to: 'node', ...to, hostPath: source };
  if (from !== undefined && to === undefined) return { to: 'host', ...from, hostPath: target };
  throw new UsageError(
    'cp wants one path on this machine and one of the form NODE:PATH',
    'npx testbed cp FILE node1:/root/FILE',
  );
}

/** `node1:/path`. A local name with a colon is written ./a:b. */
function remote(text: string): Pick<Copy, 'node' | 'nodePath'> | undefined {
  const [, node, nodePath] = /^([a-z][a-z0-9-]*):(.+)$/s.exec(text) ?? [];
  return node === undefined || nodePath === undefined ? undefined : { node, nodePath };
}
