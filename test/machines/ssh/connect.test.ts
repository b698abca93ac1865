// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import test from 'ava';
import { connect } from '../../../testbed/machines/ssh/connect.js';
import { AuthenticationError, HostKeyError, UnreachableError } from '../../../testbed/machines/ssh/errors.js';
import { credentialsOf, makeTestbedKeys } from '../../../testbed/machines/ssh/keys.js';
import { DEAD_PORT } from '../../base/dead-port.js';
import { context, withDropbear } from './dropbear.js';

const STRANGERS = makeTestbedKeys(1, 'strangers');
const CREDENTIALS = credentialsOf(STRANGERS, 1);

withDropbear('a server with another host key than the pinned one is refused at once', async (t, server) => {
  const { privateKey } = credentialsOf(server.keys, 1);
  const attempt = connect(
    context(),
    server.target,
    { privateKey, hostKey: CREDENTIALS.hostKey },
    { deadlineMs: 60_000 },
  );
  const error = await t.throwsAsync(attempt, { instanceOf: HostKeyError });
  t.is(error.code, 'E_SSH_HOST_KEY');
  t.deepEqual(error.excerpt, [
    `expected ${CREDENTIALS.hostKey}`,
    `found    ${credentialsOf(server.keys, 1).hostKey}`,
  ]);
});

withDropbear('a login key that the server does not know is refused at once', async (t, server) => {
  const { hostKey } = credentialsOf(server.keys, 1);
  const attempt = connect(
    context(),
    server.target,
    { privateKey: CREDENTIALS.privateKey, hostKey },
    { deadlineMs: 60_000 },
  );
  await t.throwsAsync(attempt, { instanceOf: AuthenticationError, code: 'E_SSH_AUTHENTICATION' });
});

withDropbear('a server that comes late is found', async (t, server) => {
  // Refuses three times by closing the connection, as a port forward does before its guest listens.
  let refusals = 0;
  const front = createServer((socket) => {
    if (refusals < 3) {
      refusals += 1;
      socket.destroy();
      return;
    }
    const onward = createConnection(server.target);
    socket.pipe(onward).pipe(socket);
    socket.once('close', () => onward.destroy());
    for (const end of [socket, onward]) end.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  const { port } = front.address() as AddressInfo;
  const session = await connect(context(), { ...server.target, port }, credentialsOf(server.keys, 1), {
    deadlineMs: 60_000,
  });
  t.is(refusals, 3);
  t.like(await session.exec(['echo', 'there']), { stdout: 'there\n' });
  await session[Symbol.asyncDispose]();
  front.close();
});

test('nobody there: an error that says so, when the deadline has passed', async (t) => {
  const port = DEAD_PORT;
  const attempt = connect(context(), { host: '127.0.0.1', port, node: 'node1' }, CREDENTIALS, {
    deadlineMs: 1_000,
  });
  const error = await t.throwsAsync(attempt, { instanceOf: UnreachableError });
  t.is(error.code, 'E_SSH_UNREACHABLE');
  t.is(error.message, `node1: no ssh server answered at 127.0.0.1:${port} within 1 s`);
  t.regex(error.excerpt.join(), /ECONNREFUSED/);
});

test('a server that accepts and says nothing is not waited for', async (t) => {
  let connections = 0;
  const mute = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const { port } = mute.address() as AddressInfo;
  const attempt = connect(context(), { host: '127.0.0.1', port, node: 'node1' }, CREDENTIALS, {
    deadlineMs: 6_000,
  });
  const error = await t.throwsAsync(attempt, { instanceOf: UnreachableError });
  t.regex(error.excerpt.join(), /no greeting/);
  t.true(connections >= 2);
  mute.close();
});

test('an abort ends the waiting with its reason', async (t) => {
  const port = DEAD_PORT;
  const stop = new AbortController();
  const attempt = connect(context(), { host: '127.0.0.1', port, node: 'node1' }, CREDENTIALS, {
    deadlineMs: 60_000,
    signal: stop.signal,
  });
  stop.abort(new Error('never mind'));
  await t.throwsAsync(attempt, { message: 'never mind' });
});
