// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import ssh2, { type Attributes, type SFTPWrapper } from 'ssh2';
import { connect } from '../../../testbed/machines/ssh/connect.js';
import { credentialsOf, makeTestbedKeys, openSshPrivateKey } from '../../../testbed/machines/ssh/keys.js';
import type { SshSession } from '../../../testbed/machines/ssh/session.js';
import { context } from './dropbear.js';

const { STATUS_CODE } = ssh2.utils.sftp;

/** What a server says that there is. A directory may have names that are none, and the same name twice. */
export type Told =
  | { readonly kind: 'file'; readonly content: string; readonly size: number }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'directory'; readonly entries: readonly (readonly [name: string, told: Told])[] };

const TYPE_BITS = { file: 0o100000, link: 0o120000, directory: 0o040000 } as const;

/** An SFTP server that tells lies: whatever is asked of it is answered from a tree in memory. */
export class HostileServer implements AsyncDisposable {
  readonly #keys = makeTestbedKeys(1);
  readonly #server: Server;

  static async start(root: Told): Promise<HostileServer> {
    const hostile = new HostileServer(root);
    hostile.#server.listen(0, '127.0.0.1');
    await once(hostile.#server, 'listening');
    return hostile;
  }

  private constructor(root: Told) {
    const hostKeys = this.#keys.hosts.map((key) => openSshPrivateKey(key));
    const ssh = new ssh2.Server({ hostKeys }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (asked) => {
        asked.accept();
      });
      client.on('session', (accept) => {
        accept().on('sftp', (acceptSftp) => {
          lie(acceptSftp(), root);
        });
      });
    });
    // With TCP's delay, each of many small answers would take 40 ms.
    this.#server = createServer({ noDelay: true }, (socket) => {
      ssh.injectSocket(socket);
    });
  }

  async connect(): Promise<SshSession> {
    const { port } = this.#server.address() as AddressInfo;
    const target = { host: '127.0.0.1', port, node: 'node1' };
    return await connect(context(), target, credentialsOf(this.#keys, 1), { deadlineMs: 60_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}

/** Answers requests until the channel ends; a handle is the path in it. */
function lie(sftp: SFTPWrapper, root: Told): void {
  const tree = new Map(paths('', root));
  const listed = new Set<string>();
  const found = (id: number, path: string, answer: (told: Told) => void): void => {
    const told = tree.get(path);
    if (told === undefined) sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
    else answer(told);
  };
  const attributes = (id: number, path: string): void => {
    found(id, path, (told) => {
      sftp.attrs(id, attributesOf(told));
    });
  };
  sftp.on('STAT', attributes);
  sftp.on('LSTAT', attributes);
  sftp.on('FSTAT', (id, handle) => {
    attributes(id, handle.toString());
  });
  sftp.on('OPEN', (id, path) => {
    sftp.handle(id, Buffer.from(path));
  });
  sftp.on('OPENDIR', (id, path) => {
    listed.delete(path);
    sftp.handle(id, Buffer.from(path));
  });
  sftp.on('READDIR', (id, handle) => {
    const path = handle.toString();
    found(id, path, (told) => {
      if (told.kind !== 'directory' || told.entries.length === 0 || listed.has(path)) {
        sftp.status(id, STATUS_CODE.EOF);
        return;
      }
      listed.add(path);
      const entry = ([filename, each]: (typeof told.entries)[number]) => ({
        filename,
        longname: filename,
        attrs: attributesOf(each),
      });
      sftp.name(id, told.entries.map(entry));
    });
  });
  sftp.on('READLINK', (id, path) => {
    found(id, path, (told) => {
      const filename = told.kind === 'link' ? told.target : '';
      sftp.name(id, [{ filename, longname: filename, attrs: attributesOf(told) }]);
    });
  });
  sftp.on('READ', (id, handle, offset, length) => {
    found(id, handle.toString(), (told) => {
      const content = told.kind === 'file' ? told.content.slice(offset, offset + length) : '';
      if (content === '') sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, content);
    });
  });
  sftp.on('end', () => {
    sftp.end();
  });
  sftp.on('CLOSE', (id) => {
    sftp.status(id, STATUS_CODE.OK);
  });
}

/** Everything below a path, each under the path that a client makes of the names that it is told. */
function* paths(path: string, told: Told): Generator<readonly [string, Told]> {
  yield [path, told];
  if (told.kind !== 'directory') return;
  for (const [name, each] of told.entries) yield* paths(`${path}/${name}`, each);
}

function attributesOf(told: Told): Attributes {
  const size = told.kind === 'file' ? told.size : 0;
  return { mode: TYPE_BITS[told.kind] | 0o6777, uid: 0, gid: 0, size, atime: 0, mtime: 0 };
}
