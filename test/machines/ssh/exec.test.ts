// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import { pollUntil } from '../../../testbed/base/clock/deadline.js';
import {
  OutputTooLongError,
  RemoteCommandFailed,
  RemoteError,
} from '../../../testbed/machines/ssh/errors.js';
import { UNNAMED_SIGNAL } from '../../../testbed/machines/ssh/channel-end.js';
import { isRunning, withDropbear } from './dropbear.js';

/** Resolves when a process with this command line is there, or is no more. */
async function untilRunning(commandLine: string, running: boolean): Promise<void> {
  const wait = {
    what: `${commandLine} ${running ? 'starting' : 'ending'}`,
    deadlineMs: 30_000,
    clock: systemClock,
  };
  await pollUntil(
    { ...wait, everyMs: 20 },
    async () => (await isRunning(commandLine)) === running || undefined,
  );
}

withDropbear('argument vectors arrive byte for byte, however long', async (t, server) => {
  await using session = await server.connect();
  const words = ['two words', "it's", '$HOME', '', 'line\nbreak\n', '-n', 'é 🙂', "x'\n".repeat(20_000)];
  const { stdout, code } = await session.exec(['printf', '%s\\0', ...words], { input: 'nobody reads this' });
  t.is(code, 0);
  t.deepEqual(stdout.split('\0').slice(0, -1), words);
});

withDropbear('status and signal are the command’s own', async (t, server) => {
  await using session = await server.connect();
  t.like(await session.exec(['sh', '-c', 'exit 7']), { code: 7, signal: undefined });
  t.like(await session.exec(['sh', '-c', 'kill -KILL $$']), { code: undefined, signal: 'SIGKILL' });
  t.like(await session.exec(['sh', '-c', 'kill -TERM $$']), { code: undefined, signal: 'SIGTERM' });
  t.like(await session.exec(['sh', '-c', 'kill -BUS $$']), { code: undefined, signal: UNNAMED_SIGNAL });
  t.like(await session.exec(['/no/such/program']), { code: 127, stdout: '' });
});

withDropbear('succeed tells what failed and what it last said', async (t, server) => {
  await using session = await server.connect();
  const failing = session.succeed(['sh', '-c', 'echo out; echo err >&2; exit 3'], { keep: 'discard' });
  const error = await t.throwsAsync(failing, { instanceOf: RemoteCommandFailed });
  t.regex(error.message, /^node1: sh ended with status 3/);
  t.deepEqual(error.excerpt, ['out', 'err']);
});

withDropbear('variables, input and both outputs', async (t, server) => {
  await using session = await server.connect();
  const { stdout, stderr } = await session.exec(['sh', '-c', 'echo "$A"; cat; echo err >&2'], {
    env: { A: "q'$x" },
    input: Readable.from(['in', 'put']),
  });
  t.is(stdout, "q'$x\ninput");
  t.is(stderr, 'err\n');
});

withDropbear('a command without input reads an end of file', async (t, server) => {
  await using session = await server.connect();
  t.like(await session.exec(['cat']), { code: 0, stdout: '' });
});

withDropbear('a command need not read its input', async (t, server) => {
  await using session = await server.connect();
  t.like(await session.exec(['true'], { input: Buffer.alloc(8 * 1024 * 1024) }), { code: 0 });
});

withDropbear('commands run side by side in one session', async (t, server) => {
  await using session = await server.connect();
  const numbers = Array.from({ length: 30 }, (_, index) => String(index));
  const outputs = await Promise.all(numbers.map(async (number) => session.exec(['echo', number])));
  t.deepEqual(
    outputs.map(({ stdout }) => stdout.trim()),
    numbers,
  );
  const wait = {
    what: 'the end of all but a few connections',
    deadlineMs: 30_000,
    everyMs: 20,
    clock: systemClock,
  };
  await pollUntil(wait, () => Promise.resolve(server.connections <= 4 || undefined));
  t.pass();
});

withDropbear('output is whole, and no faster than its reader', async (t, server) => {
  await using session = await server.connect();
  const bytes = 20 * 1024 * 1024;
  let seen = 0;
  let busy = 0;
  let overlaps = 0;
  const { stdout } = await session.exec(['head', '-c', String(bytes), '/dev/zero'], {
    keep: 'discard',
    onStdout: async (chunk) => {
      if (busy > 0) overlaps += 1;
      busy += 1;
      await new Promise(setImmediate);
      seen += chunk.length;
      busy -= 1;
    },
  });
  t.is(seen, bytes);
  t.is(overlaps, 0);
  t.true(stdout.length < 200_000, 'only the end is kept');
});

withDropbear('more output than fits is an error, and ends the command', async (t, server) => {
  await using session = await server.connect();
  await t.throwsAsync(session.exec(['cat', '/dev/zero']), { instanceOf: OutputTooLongError });
  t.like(await session.exec(['true']), { code: 0 }, 'the session goes on');
});

withDropbear('a reader or input that fails ends the command with its error', async (t, server) => {
  await using session = await server.connect();
  const reading = session.exec(['sh', '-c', 'echo x; sleep 1001'], {
    onStdout: async () => Promise.reject(new Error('disk full')),
  });
  await t.throwsAsync(reading, { message: 'disk full' });
  // eslint-disable-next-line @typescript-eslint/require-await -- an input that breaks after its first chunk
  async function* broken(): AsyncGenerator<string> {
    yield 'x';
    throw new Error('input broke');
  }
  await t.throwsAsync(session.exec(['cat'], { input: Readable.from(broken()) }), { message: 'input broke' });
  await untilRunning('sleep 1001', false);
  t.pass();
});

withDropbear('cancelling kills the whole process group, also what ignores SIGTERM', async (t, server) => {
  await using session = await server.connect();
  const stop = new AbortController();
  const tree = [
    'sleep 1002 & sh -c "sleep 1003; true" &',
    `sh -c 'trap "" TERM; sleep 1004; sleep 1004' &`,
    'wait',
  ].join('\n');
  const running = session.exec(['sh', '-c', tree], { signal: stop.signal });
  for (const seconds of [1002, 1003, 1004]) await untilRunning(`sleep ${seconds}`, true);
  stop.abort(new Error('enough'));
  await t.throwsAsync(running, { message: 'enough' });
  for (const seconds of [1002, 1003, 1004]) await untilRunning(`sleep ${seconds}`, false);
  t.like(await session.exec(['true']), { code: 0 }, 'the session goes on');
});

withDropbear('cancelling works at every stage of a command', async (t, server) => {
  await using session = await server.connect();
  await t.throwsAsync(session.exec(['sleep', '1005'], { signal: AbortSignal.abort(new Error('before')) }), {
    message: 'before',
  });
  const stop = new AbortController();
  const opening = session.exec(['sleep', '1006'], { signal: stop.signal });
  stop.abort(new Error('while opening'));
  await t.throwsAsync(opening, { message: 'while opening' });
  t.like(await session.exec(['true']), { code: 0 });
  await untilRunning('sleep 1006', false);
  t.false(await isRunning('sleep 1005'));
});

withDropbear('closing a session kills what it has running', async (t, server) => {
  const session = await server.connect();
  const running = session.exec(['sleep', '1007']);
  await untilRunning('sleep 1007', true);
  await session.exec(['true']);
  const ended = t.throwsAsync(running, { instanceOf: RemoteError });
  await session[Symbol.asyncDispose]();
  await ended;
  await untilRunning('sleep 1007', false);
});

withDropbear('a connection that breaks ends every wait with a RemoteError', async (t, server) => {
  const session = await server.connect();
  const running = session.exec(['sh', '-c', 'while echo; do sleep 0.1; done'], { keep: 'discard' });
  const terminal = await session.shell({ rows: 24, columns: 80, term: 'dumb' });
  await once(terminal, 'readable');
  const ends = [
    t.throwsAsync(running, { instanceOf: RemoteError, code: 'E_SSH_LOST' }),
    t.throwsAsync(terminal.exit, { instanceOf: RemoteError, code: 'E_SSH_LOST' }),
  ];
  await server.kill();
  await Promise.all(ends);
  t.like(await session.exec(['true']), { code: 0 }, 'the next command gets a connection of its own');
  await session[Symbol.asyncDispose]();
  await t.throwsAsync(session.exec(['true']), { instanceOf: RemoteError });
});

withDropbear('a terminal has its size, and follows it', async (t, server) => {
  await using session = await server.connect();
  const script = 'stty size; trap "stty size; exit 5" WINCH; echo ready; while :; do sleep 0.05; done';
  const terminal = await session.shell({ rows: 31, columns: 97, term: 'xterm' }, ['sh', '-c', script]);
  let seen = '';
  for await (const chunk of terminal as AsyncIterable<Buffer>) {
    const before = seen;
    seen += chunk.toString();
    if (seen.includes('ready') && !before.includes('ready')) terminal.resize(40, 120);
  }
  t.is(seen, '31 97\r\nready\r\n40 120\r\n');
  t.deepEqual(await terminal.exit, { code: 5, signal: undefined });
});

withDropbear('destroying a terminal hangs up', async (t, server) => {
  await using session = await server.connect();
  const terminal = await session.shell({ rows: 24, columns: 80, term: 'dumb' }, ['sleep', '1008']);
  await untilRunning('sleep 1008', true);
  terminal.destroy();
  await untilRunning('sleep 1008', false);
  t.pass();
});
