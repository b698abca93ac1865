// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { ExitCode } from '../../base/error/exit-code.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';

/** `testbed ssh-config`: keys and host keys are files of the running testbed. Nothing is written elsewhere. */
export const sshConfig: CommandBody = async (invocation, { context, output }) => {
  const { name, folder, nodes } = await namedTestbed(invocation, context).status();
  const launcher = join(context.paths.project, 'testbed', 'cli', 'launch.mjs');
  for (const node of nodes) {
    output.line(
      [
        `Host ${node.name}`,
        '  User root',
        `  HostKeyAlias ${node.name}`,
        `  IdentityFile "${join(folder, 'id_ed25519')}"`,
        '  IdentitiesOnly yes',
        `  UserKnownHostsFile "${join(folder, 'known_hosts')}"`,
        '  StrictHostKeyChecking yes',
        `  ProxyCommand "${process.execPath}" "${launcher}" proxy ${node.name} --name ${name}`,
        '',
      ].join('\n'),
    );
  }
  return ExitCode.Ok;
};
