// SPDX-License-Identifier: MIT
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSshPrivateKey, openSshPublicKey } from '../ssh/keys.js';
import type { Cluster } from './cluster.js';
import { nodeName } from './guest-identity.js';

/** Writes the login key and the host keys to the files that `ssh-config` names, for use with plain ssh. */
export async function writeAccess(folder: string, cluster: Cluster): Promise<void> {
  const { login, hosts } = cluster.keys;
  await writeFile(join(folder, 'id_ed25519'), openSshPrivateKey(login), { mode: 0o600 });
  const known = hosts.map((key, i) => `${nodeName(i + 1)} ${openSshPublicKey(key)}\n`);
  await writeFile(join(folder, 'known_hosts'), known.join(''));
}
