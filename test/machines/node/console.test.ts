// SPDX-License-Identifier: MIT
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import type { TestbedEvent } from '../../../testbed/base/event/event.js';
import { ConsoleLog } from '../../../testbed/machines/node/console-log.js';
import { SerialConsole } from '../../../testbed/machines/node/console.js';
import { ManualClock } from '../../base/clock/manual-clock.js';

async function serialConsole(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'console-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const output = new PassThrough();
  output.once('end', () => output.destroy());
  const clock = new ManualClock();
  const events: TestbedEvent[] = [];
  const logPath = join(folder, 'console.log');
  let lines = 0;
  const guest = new SerialConsole(output, new PassThrough(), {
    node: 'node1',
    logPath,
    clock,
    events: (event) => events.push(event),
    onLine: () => {
      lines += 1;
    },
  });
  return { guest, output, clock, events, logPath, lineCount: () => lines };
}

test('every line is seen, announced and logged, the unfinished last one too', async (t) => {
  const { guest, output, events, logPath, lineCount } = await serialConsole(t);
  output.end('one\r\ntwo\r\nthr');
  await guest.ended;
  t.is(lineCount(), 3);
  t.deepEqual(guest.tail(2), ['two', 'thr']);
  t.deepEqual(
    events.map((event) => (event.type === 'console-line' ? event.line : '')),
    ['one', 'two', 'thr'],
  );
  const time = '2026-01-01T00:00:00.000Z';
  t.is(await readFile(logPath, 'utf8'), `${time} one\n${time} two\n${time} thr\n`);
});

test('a flood is watched and logged whole, announced in part, and kept as a tail', async (t) => {
  const { guest, output, clock, events, logPath, lineCount } = await serialConsole(t);
  const onlooker = guest.open();
  const chunk = Buffer.from('abcdefghijklmnopqrstuvwxyz 0123456789\r\n'.repeat(1000));
  for (let i = 0; i < 500; i += 1) {
    if (!output.write(chunk)) await clock.settle();
  }
  clock.advance(1000);
  output.end('the end\r\n');
  await guest.ended;
  t.is(lineCount(), 500_001);
  t.is(guest.tail(1_000_000).at(-1), 'the end');
  t.true(guest.tail(1_000_000).length <= 1000);
  // 500 lines of the flood, a word about the others, and the next second's line.
  t.is(events.length, 502);
  t.like(events[500], { line: '(499500 more lines in the log)' });
  t.is((await stat(logPath)).size, 500_000 * (24 + 1 + 37 + 1) + 24 + 1 + 8);
  t.true(onlooker.readableLength < 2 * 1024 * 1024, 'who does not read misses something');
});

test('a log that grows too large is set aside, and the newest lines are kept', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'console-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'console.log');
  const log = new ConsoleLog(path, { clock: new ManualClock(), events: () => undefined });
  const lines = Array.from({ length: 1000 }, () => 'x'.repeat(1000));
  for (let i = 0; i < 70; i += 1) log.write(lines);
  log.write(['the end']);
  log.close();
  t.true((await stat(path)).size < 64 * 1024 * 1024);
  t.true((await stat(`${path}.1`)).size <= 64 * 1024 * 1024);
  t.regex(await readFile(path, 'utf8'), / the end\n$/);
});

test('a log that cannot be written is said once, and the guest goes on', (t) => {
  const events: TestbedEvent[] = [];
  const log = new ConsoleLog('/dev/full', {
    clock: new ManualClock(),
    events: (event) => events.push(event),
  });
  log.write(['one']);
  log.write(['two']);
  t.is(events.length, 1);
  t.like(events[0], { type: 'notice', level: 'warning' });
  log.close();
});
