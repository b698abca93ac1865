// SPDX-License-Identifier: MIT
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import type { RunningProcess } from '../../testbed/base/process/process-runner.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { buildPrograms, type BuiltPrograms } from '../experiment/workload/built-programs.js';

let programs: BuiltPrograms;
let keys: string;

test.before(async () => {
  programs = await buildPrograms(() => ['check'], 'elastic');
  keys = await mkdtemp(join(tmpdir(), 'testbed-keys-'));
  await writeFile(join(keys, 'ours'), 'ab'.repeat(32), { mode: 0o600 });
  await writeFile(join(keys, 'theirs'), 'cd'.repeat(32), { mode: 0o600 });
});

test.after.always(async () => {
  await programs[Symbol.asyncDispose]();
  await rm(keys, { recursive: true });
});

/** A manager's listening side, for one caller. */
class Listener {
  readonly #lines: string[] = [];
  /** The last line can come after the process has gone. */
  #allSaid: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly port: number,
    readonly process: RunningProcess,
  ) {}

  static async start(t: ExecutionContext): Promise<Listener> {
    const port = await freePort();
    const process = await systemProcesses.start(
      [join(programs.folder, 'check', 'talk'), 'listen', join(keys, 'ours'), String(port)],
      { stdio: ['ignore', 'pipe', 'inherit'], orphan: 'dies' },
    );
    t.teardown(() => process[Symbol.asyncDispose]());
    const listener = new Listener(port, process);
    await listener.#begin();
    return listener;
  }

  /** What it had to say, once it has ended. */
  async verdict(): Promise<string> {
    await Promise.all([this.process.exited, this.#allSaid]);
    return this.#lines.join('\n');
  }

  async #begin(): Promise<void> {
    const { stdout } = this.process;
    if (stdout === undefined) throw new Error('the listener has no output');
    const lines = createInterface({ input: stdout });
    this.#allSaid = once(lines, 'close');
    const first = once(lines, 'line');
    await first;
    lines.on('line', (line) => this.#lines.push(line));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function dial(key: string, port: number): Promise<{ code: number | undefined; said: string }> {
  const { code, stdout } = await programs.run('check/talk', 'dial', join(keys, key), String(port), 'hello');
  return { code, said: stdout.trim() };
}

async function received(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // Whoever refuses may leave bytes unread, which resets the connection.
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks);
}

const HELLO_BYTES = 44;
const PROOF_BYTES = 32;

function hello(port: number, address = '7f000001'): Buffer {
  const bytes = Buffer.alloc(HELLO_BYTES, 7);
  bytes.write('EOSM\u0001\u0000', 'latin1');
  bytes.writeUInt16LE(port, 6);
  Buffer.from(address, 'hex').reverse().copy(bytes, 8);
  return bytes;
}

test('two that know the key talk', async (t) => {
  const listener = await Listener.start(t);
  t.deepEqual(await dial('ours', listener.port), { code: 0, said: 'frame 2: heard' });
  t.is(await listener.verdict(), 'frame 1: hello');
});

test('one that knows another key finds the listener false, and proves nothing to it', async (t) => {
  const listener = await Listener.start(t);
  t.deepEqual(await dial('theirs', listener.port), { code: 1, said: 'refused: Permission denied' });
  t.regex(await listener.verdict(), /^refused: /);
});

test('a stranger who speaks another language gets no byte', async (t) => {
  const listener = await Listener.start(t);
  const socket = connect(listener.port, '127.0.0.1');
  socket.write(Buffer.alloc(4096, 'EOS1'));
  t.is((await received(socket)).length, 0);
  t.is(await listener.verdict(), 'refused: Protocol error');
});

test('a stranger who says the right hello, and then a wrong proof, is refused', async (t) => {
  const listener = await Listener.start(t);
  const socket = connect(listener.port, '127.0.0.1');
  socket.write(Buffer.concat([hello(listener.port), Buffer.alloc(PROOF_BYTES)]));
  t.is((await received(socket)).length, HELLO_BYTES + PROOF_BYTES);
  t.is(await listener.verdict(), 'refused: Permission denied');
});

test('a stranger who gives the listener’s own proof back is refused', async (t) => {
  const listener = await Listener.start(t);
  const socket = connect(listener.port, '127.0.0.1');
  socket.write(hello(listener.port));
  let got = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    got = Buffer.concat([got, chunk]);
    if (got.length === HELLO_BYTES + PROOF_BYTES) socket.write(got.subarray(HELLO_BYTES));
  });
  await received(socket);
  t.is(await listener.verdict(), 'refused: Permission denied');
});

test('a talk that was meant for another node is refused', async (t) => {
  const listener = await Listener.start(t);
  const socket = connect(listener.port, '127.0.0.1');
  socket.write(hello(listener.port, '0a4d0002'));
  t.is((await received(socket)).length, 0);
  t.is(await listener.verdict(), 'refused: Permission denied');
});

test('a stranger who says nothing is not waited for', async (t) => {
  const listener = await Listener.start(t);
  const socket = connect(listener.port, '127.0.0.1');
  t.is((await received(socket)).length, 0);
  t.is(await listener.verdict(), 'refused: Connection timed out');
});

test('one that computes HMAC-SHA256 with another library talks, byte for byte as docs/elastic-manager.md says', async (t) => {
  const listener = await Listener.start(t);
  const secret = Buffer.from('ab'.repeat(32), 'hex');
  const socket = connect(listener.port, '127.0.0.1');
  const ours = hello(listener.port);
  socket.write(ours);
  const greeting = await bytesOf(socket, HELLO_BYTES + PROOF_BYTES);
  const hellos = [ours, greeting.subarray(0, HELLO_BYTES)];
  t.deepEqual(greeting.subarray(HELLO_BYTES), code(secret, label('listener'), ...hellos));
  const frames = code(secret, label('frames'), ...hellos);
  const frame = Buffer.from('\x01\x00\x05\x00hello', 'latin1');
  const first = Buffer.from([1, 0, 0, 0, 0]);
  const proof = code(secret, label('dialler'), ...hellos);
  socket.write(Buffer.concat([proof, frame, code(frames, first, frame)]));
  const answer = await bytesOf(socket, 4 + 'heard'.length + PROOF_BYTES);
  const heard = Buffer.from('\x02\x00\x05\x00heard', 'latin1');
  t.deepEqual(answer, Buffer.concat([heard, code(frames, Buffer.from([0, 0, 0, 0, 0]), heard)]));
  t.is(await listener.verdict(), 'frame 1: hello');
});

/** A label of the key derivation: 16 bytes, zeros behind the text. */
function label(text: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.write(text, 'latin1');
  return bytes;
}

function code(key: Buffer, ...parts: readonly Buffer[]): Buffer {
  return createHmac('sha256', key).update(Buffer.concat(parts)).digest();
}

/** The next bytes from a socket, which comes in pieces of any size. */
async function bytesOf(socket: Socket, count: number): Promise<Buffer> {
  let got = Buffer.alloc(0);
  while (got.length < count) {
    const piece: unknown = socket.read(count - got.length) ?? socket.read();
    if (Buffer.isBuffer(piece)) got = Buffer.concat([got, piece]);
    else await once(socket, 'readable');
  }
  return got;
}

test('a frame that is changed on its way ends the talk', async (t) => {
  const listener = await Listener.start(t);
  const [between, port] = await meddler(t, listener.port);
  const answer = await dial('ours', port);
  t.is(answer.code, 1);
  t.regex(await listener.verdict(), /^(refused: Permission denied|frame: Protocol error)$/);
  between();
});

/** Passes a talk on, and changes the last byte of whatever the dialler sends in its frame. */
async function meddler(t: ExecutionContext, port: number): Promise<[close: () => void, port: number]> {
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.on('error', () => undefined);
    far.on('error', () => undefined);
    far.pipe(near);
    near.on('data', (chunk: Buffer) => {
      const changed = Buffer.from(chunk);
      const last = changed.length - 1;
      if (changed.length !== HELLO_BYTES) changed[last] = (changed[last] ?? 0) ^ 1;
      far.write(changed);
    });
    near.on('close', () => far.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = (): void => void server.close();
  t.teardown(close);
  return [close, address.port];
}
