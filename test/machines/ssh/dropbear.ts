// SPDX-License-Identifier: MIT
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { connect } from '../../../testbed/machines/ssh/connect.js';
import {
  credentialsOf,
  dropbearHostKey,
  makeTestbedKeys,
  openSshPublicKey,
  type TestbedKeys,
} from '../../../testbed/machines/ssh/keys.js';
import type { SshSession } from '../../../testbed/machines/ssh/session.js';

/** What {@link connect} needs of a context; each its own, since so many listen to a signal that all tests share. */
export const context = (): Pick<Context, 'clock' | 'signal'> => ({
  clock: systemClock,
  signal: new AbortController().signal,
});

/** Why the real server cannot be run here; undefined when it can. */
async function barrier(): Promise<string | undefined> {
  if (userInfo().uid !== 0) return 'only root can give dropbear a home directory of its own';
  try {
    await systemProcesses.succeed(['dropbear', '-V']);
  } catch {
    return 'dropbear is not installed: apt-get install dropbear-bin';
  }
  if (!existsSync('/usr/lib/sftp-server'))
    return 'no SFTP server is installed: apt-get install openssh-sftp-server';
  const { code } = await systemProcesses.run(['unshare', '--mount', 'true']);
  return code === 0 ? undefined : 'no mount namespaces';
}

const why = await barrier();

/** A test against Debian's dropbear, the server of the guests; the reason for skipping it stands in its title. */
export const withDropbear = (
  title: string,
  body: (t: ExecutionContext, server: Dropbear) => Promise<void>,
): void => {
  if (why !== undefined) {
    test.skip(`${title} (this host: ${why})`, () => undefined);
    return;
  }
  // One after the other: each has processes of its own, and none shall starve another.
  test.serial(title, async (t) => {
    const server = await Dropbear.start();
    try {
      await body(t, server);
    } finally {
      await server[Symbol.asyncDispose]();
    }
  });
};

/** A dropbear for each connection to a port of ours, with keys, home directory and login shell of its own. */
export class Dropbear implements AsyncDisposable {
  readonly #children = new Set<ChildProcess>();
  readonly #server: Server;

  static async start(): Promise<Dropbear> {
    const folder = await mkdtemp(join(tmpdir(), 'testbed-ssh-'));
    const dropbear = new Dropbear(folder, makeTestbedKeys(1));
    await dropbear.#furnish();
    dropbear.#server.listen(0, '127.0.0.1');
    await once(dropbear.#server, 'listening');
    return dropbear;
  }

  private constructor(
    /** Temporary; `home` is in it, tests may put their own files there. */
    readonly folder: string,
    readonly keys: TestbedKeys,
  ) {
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      const argv = ['dropbear', '-i', '-s', '-m', '-W', '1048576', '-r', join(folder, 'host-key')];
      // Its own passwd lies over the host's for this one process and what it starts.
      const script = 'mount --bind "$1" /etc/passwd && shift && exec "$@"';
      const child = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', join(folder, 'passwd'), ...argv], {
        stdio: [socket, socket, 'ignore'],
      });
      this.#children.add(child);
      child.once('exit', () => this.#children.delete(child));
      socket.destroy();
    });
  }

  get home(): string {
    return join(this.folder, 'home');
  }

  get target(): { readonly host: string; readonly port: number; readonly node: string } {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port, node: 'node1' };
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#children.size;
  }

  async connect(): Promise<SshSession> {
    return await connect(context(), this.target, credentialsOf(this.keys, 1), { deadlineMs: 60_000 });
  }

  /** Ends the servers of all connections, as a dying guest would. */
  async kill(): Promise<void> {
    const ends = [...this.#children].map(async (child) => once(child, 'exit'));
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(ends);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #furnish(): Promise<void> {
    const access = join(this.home, '.ssh');
    await mkdir(access, { recursive: true });
    await chmod(this.folder, 0o755);
    await writeFile(join(access, 'authorized_keys'), `${openSshPublicKey(this.keys.login)}\n`, {
      mode: 0o600,
    });
    const [host] = this.keys.hosts;
    if (host !== undefined)
      await writeFile(join(this.folder, 'host-key'), dropbearHostKey(host), { mode: 0o600 });
    await writeFile(join(this.folder, 'passwd'), `root:x:0:0:root:${this.home}:/bin/sh\n`);
  }
}

/** Whether any process of this machine was started with exactly this argument. */
export async function isRunning(argument: string): Promise<boolean> {
  const { code } = await systemProcesses.run(['pgrep', '--full', '--exact', argument]);
  return code === 0;
}
