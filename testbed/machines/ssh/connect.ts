// SPDX-License-Identifier: MIT
import { createConnection, type Socket } from 'node:net';
import type { Algorithms, Client, ConnectConfig } from 'ssh2';
import type { Clock } from '../../base/clock/clock.js';
import { DeadlineError, patience, withDeadline } from '../../base/clock/deadline.js';
import type { Context } from '../../base/host/context.js';
import { Connection } from './connection.js';
import { ConnectionPool } from './connection-pool.js';
import { AuthenticationError, HostKeyError, RemoteError, UnreachableError } from './errors.js';
import type { SshCredentials, SshSession } from './session.js';
import { Session } from './ssh2-session.js';

/** Where a node's ssh server listens. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
  /** The node's name, for errors. */
  readonly node: string;
  /** Account to log in to; root when absent. */
  readonly user?: string;
}

export interface ConnectOptions {
  /** Milliseconds for all attempts together. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** Time between the first attempts. They follow fast, since a booting guest is about to listen. */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 500;

/**
 * Time for the first byte of the server's greeting, doubled with each attempt. A guest that is not up yet does not answer
 * at all, and QEMU's port forward accepts a connection before the guest does.
 */
const FIRST_GREETING_MS = 2_000;

/**
 * A dead peer is noticed after this time multiplied by the number of unanswered probes. Both are large, since a guest that
 * swaps is silent for long periods, and its console reports its death much sooner.
 */
const KEEPALIVE_MS = 15_000;
const KEEPALIVE_PROBES = 8;

/**
 * Chosen from the algorithms that dropbear offers. On a real processor its chacha20 costs half as much as its AES, which
 * is plain C. On an emulated processor they cost the same.
 */
const ALGORITHMS: Algorithms = {
  serverHostKey: ['ssh-ed25519'],
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org'],
  cipher: ['chacha20-poly1305@openssh.com', 'aes128-ctr'],
  hmac: ['hmac-sha1', 'hmac-sha2-256'],
  compress: ['none'],
};

/** Time for a further connection to a node that has answered before. */
const FURTHER_MS = 30_000;

/**
 * Logs in to a node, and tries again until the server answers.
 * @throws UnreachableError when it does not within the deadline, with the failure of the last attempt
 * @throws HostKeyError when the server's host key is not the pinned one
 * @throws AuthenticationError when the login key is not accepted
 * @throws the signal's reason when aborted
 */
export async function connect(
  context: Pick<Context, 'clock' | 'signal'>,
  target: SshTarget,
  credentials: SshCredentials,
  options: ConnectOptions,
): Promise<SshSession> {
  const { clock } = context;
  // Loaded late, since most commands never use ssh, and before the deadline begins.
  const { default: ssh2 } = await import('ssh2');
  const dial = async (deadlineMs: number, signal: AbortSignal): Promise<Connection> =>
    dialUntilAnswered({ clock, target, credentials, Client: ssh2.Client }, deadlineMs, signal);
  const signal =
    options.signal === undefined ? context.signal : AbortSignal.any([context.signal, options.signal]);
  const first = await dial(options.deadlineMs, signal);
  return new Session(
    target.node,
    clock,
    new ConnectionPool(first, async (closing) => dial(FURTHER_MS, closing)),
  );
}

/** What every attempt needs. */
interface Dialling {
  readonly clock: Clock;
  readonly target: SshTarget;
  readonly credentials: SshCredentials;
  readonly Client: typeof Client;
}

async function dialUntilAnswered(
  dialling: Dialling,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Connection> {
  const { clock, target } = dialling;
  let last: RemoteError | undefined;
  try {
    return await withDeadline({ what: `ssh to ${target.node}`, deadlineMs, clock, signal }, async (inner) => {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await login(dialling, FIRST_GREETING_MS * 2 ** attempt * patience(), inner);
        } catch (thrown) {
          inner.throwIfAborted();
          if (!(thrown instanceof RemoteError) || isFinal(thrown)) throw thrown;
          last = thrown;
        }
        await clock.sleep(Math.min(FIRST_RETRY_MS * 2 ** attempt, LAST_RETRY_MS), inner);
      }
    });
  } catch (thrown) {
    if (!(thrown instanceof DeadlineError)) throw thrown;
    throw unreachable(target, deadlineMs * patience(), last);
  }
}

/** Whether another attempt would fail in the same way. */
function isFinal(error: RemoteError): boolean {
  return error instanceof HostKeyError || error instanceof AuthenticationError;
}

function unreachable(
  { node, host, port }: SshTarget,
  ms: number,
  last: RemoteError | undefined,
): UnreachableError {
  const seconds = Math.round(ms / 100) / 10;
  return new UnreachableError(node, `no ssh server answered at ${host}:${port} within ${seconds} s`, {
    excerpt: last === undefined ? [] : [last.message],
    cause: last,
  });
}

/** One attempt. */
async function login(
  { clock, target, credentials, Client }: Dialling,
  greetingMs: number,
  signal: AbortSignal,
): Promise<Connection> {
  const socket = createConnection({ host: target.host, port: target.port, noDelay: true });
  const client = new Client();
  // ssh2 reports some failures twice. Those who wait have their own listeners.
  client.on('error', () => undefined);
  const attempt = new AbortController();
  let foreign: string | undefined;
  const pinned = (key: Buffer): boolean => {
    const found = `ssh-ed25519 ${key.toString('base64')}`;
    if (found !== credentials.hostKey) foreign = found;
    return foreign === undefined;
  };
  const onAbort = (): void => {
    socket.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true, signal: attempt.signal });
  try {
    const ready = outcome(client, target.node);
    void expectGreeting(clock, socket, greetingMs, attempt.signal);
    client.connect(configuration(target, credentials, socket, pinned));
    await ready;
    return new Connection(target.node, clock, client, socket);
  } catch (thrown) {
    socket.destroy();
    if (foreign !== undefined) throw new HostKeyError(target.node, credentials.hostKey, foreign);
    throw thrown;
  } finally {
    attempt.abort();
  }
}

/** Resolves when the login has succeeded. */
async function outcome(client: Client, node: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.once('error', (error) => {
      reject(
        'level' in error && error.level === 'client-authentication'
          ? new AuthenticationError(node, error)
          : new RemoteError(node, `ssh: ${error.message}`, { cause: error }),
      );
    });
    client.once('close', () => {
      reject(new RemoteError(node, 'ssh: the server closed the connection'));
    });
  });
}

/** Breaks the connection off when the server's first byte does not come in time. */
async function expectGreeting(clock: Clock, socket: Socket, ms: number, attempt: AbortSignal): Promise<void> {
  const greeting = new AbortController();
  socket.once('data', () => {
    greeting.abort();
  });
  try {
    await clock.sleep(ms, AbortSignal.any([attempt, greeting.signal]));
    socket.destroy(new Error(`no greeting within ${ms} ms`));
  } catch {
    // The greeting came, or the attempt has ended in another way.
  }
}

function configuration(
  target: SshTarget,
  credentials: SshCredentials,
  socket: Socket,
  hostVerifier: (key: Buffer) => boolean,
): ConnectConfig {
  return {
    sock: socket,
    username: target.user ?? 'root',
    privateKey: credentials.privateKey,
    hostVerifier,
    // Time is bounded by the caller.
    readyTimeout: 0,
    keepaliveInterval: KEEPALIVE_MS * patience(),
    keepaliveCountMax: KEEPALIVE_PROBES,
    algorithms: ALGORITHMS,
  };
}
