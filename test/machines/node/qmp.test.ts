// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { QmpClosedError, QmpError } from '../../../testbed/machines/node/errors.js';
import { QmpClient, type QmpEvent } from '../../../testbed/machines/node/qmp.js';

const GREETING =
  '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}\r\n';

interface Command {
  readonly execute: string;
  readonly arguments?: unknown;
  readonly id: number;
}

/** A QEMU that answers as a test says, on a unix socket. */
async function qemu(
  t: ExecutionContext,
  greeting: string,
  answer: (command: Command, socket: Socket) => void,
) {
  const folder = await mkdtemp(join(tmpdir(), 'qmp-'));
  const path = join(folder, 'qmp');
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(greeting);
    const lines = createInterface({ input: socket });
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      const command = JSON.parse(line) as Command;
      if (command.execute === 'qmp_capabilities') socket.write(`{"return": {}, "id": ${command.id}}\r\n`);
      else answer(command, socket);
    });
  });
  server.listen(path);
  await once(server, 'listening');
  const stream = createConnection(path);
  t.teardown(async () => {
    stream.destroy();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return stream;
}

test('a command gets its own answer, whatever the order they come in and how they are cut', async (t) => {
  const held: string[] = [];
  const stream = await qemu(t, GREETING, ({ execute, id }, socket) => {
    held.push(`{"return": "${execute}", "id": ${id}}\r\n`);
    if (held.length < 2) return;
    const bytes = held.reverse().join('');
    for (let at = 0; at < bytes.length; at += 7) socket.write(bytes.slice(at, at + 7));
  });
  const client = await QmpClient.connect(stream, () => undefined);
  t.deepEqual(await Promise.all([client.execute('stop'), client.execute('query-status')]), [
    'stop',
    'query-status',
  ]);
});

test('arguments go along, and are left away where there are none', async (t) => {
  const stream = await qemu(t, GREETING, (command, socket) => {
    socket.write(`${JSON.stringify({ return: command, id: command.id })}\n`);
  });
  const client = await QmpClient.connect(stream, () => undefined);
  t.like(await client.execute('dump-guest-memory', { paging: false }), { arguments: { paging: false } });
  t.false(Object.hasOwn((await client.execute('stop')) as object, 'arguments'));
});

test('an event reaches its listener, also between a command and its answer', async (t) => {
  const events: QmpEvent[] = [];
  const stream = await qemu(t, GREETING, ({ id }, socket) => {
    socket.write('{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "STOP"}\r\n');
    socket.write('{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}}\r\n');
    socket.write(`{"return": {}, "id": ${id}}\r\n`);
  });
  const client = await QmpClient.connect(stream, (event) => events.push(event));
  await client.execute('stop');
  t.deepEqual(events, [
    { name: 'STOP', data: {} },
    { name: 'SHUTDOWN', data: { guest: true, reason: 'guest-reset' } },
  ]);
});

test('what QEMU refuses is an error with its reason, and the connection stays', async (t) => {
  const stream = await qemu(t, GREETING, ({ execute, id }, socket) => {
    socket.write(
      execute === 'stop'
        ? `{"return": {}, "id": ${id}}\r\n`
        : `{"id": ${id}, "error": {"class": "CommandNotFound", "desc": "The command nonsense has not been found"}}\r\n`,
    );
  });
  const client = await QmpClient.connect(stream, () => undefined);
  const error = await t.throwsAsync(client.execute('nonsense'), { instanceOf: QmpError });
  t.is(error.errorClass, 'CommandNotFound');
  t.regex(error.message, /has not been found/);
  t.deepEqual(await client.execute('stop'), {});
});

test('a QEMU that ends leaves nobody waiting', async (t) => {
  const stream = await qemu(t, GREETING, (_, socket) => {
    socket.destroy();
  });
  const client = await QmpClient.connect(stream, () => undefined);
  await t.throwsAsync(client.execute('stop'), { instanceOf: QmpClosedError });
  await t.throwsAsync(client.execute('cont'), { instanceOf: QmpClosedError });
});

test('something else than QMP is refused', async (t) => {
  const stream = await qemu(t, 'SSH-2.0-dropbear\r\n', () => undefined);
  await t.throwsAsync(
    QmpClient.connect(stream, () => undefined),
    { message: /not QMP: SSH-2.0-dropbear/ },
  );
});

test('a message without end is refused before it fills our memory', async (t) => {
  const stream = await qemu(t, GREETING, (_, socket) => {
    socket.write('x'.repeat(5 * 1024 * 1024));
  });
  const client = await QmpClient.connect(stream, () => undefined);
  await t.throwsAsync(client.execute('query-qmp-schema'), {
    message: /a message of more than 4194304 bytes/,
  });
});
