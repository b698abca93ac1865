// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { ExitCode } from '../../base/error/exit-code.js';
import { ask } from '../../supervisor/client.js';
import type { TestbedStatus } from '../../supervisor/protocol.js';
import type { CommandBody } from '../command/command.js';
import { namedPlace } from '../command/named-place.js';

/** `testbed ssh-config`: keys and host keys are files of the running testbed; nothing is written elsewhere. */
export const sshConfig: CommandBody = async (invocation, { context, output }) => {
  const place = await namedPlace(invocation, context);
  const status = (await ask(place, { verb: 'status' }, { signal: context.signal })) as TestbedStatus;
  const launcher = join(context.paths.project, 'testbed', 'cli', 'launch.mjs');
  for (const node of status.nodes) {
    output.line(
      [
        `Host ${node.name}`,
        '  User root',
        `  HostKeyAlias ${node.name}`,
        `  IdentityFile "${join(place.folder, 'id_ed25519')}"`,
        '  IdentitiesOnly yes',
        `  UserKnownHostsFile "${join(place.folder, 'known_hosts')}"`,
        '  StrictHostKeyChecking yes',
        `  ProxyCommand "${process.execPath}" "${launcher}" proxy ${node.name} --name ${place.name}`,
        '',
      ].join('\n'),
    );
  }
  return ExitCode.Ok;
};
