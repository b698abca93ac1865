// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../../testbed/base/clock/clock.js';
import type { Context } from '../../../testbed/base/host/context.js';
import { systemPaths } from '../../../testbed/base/host/paths.js';
import { ForwardingTable } from '../../../testbed/machines/network/forwarding-table.js';
import {
  FrameLengthError,
  frameHeader,
  FrameStream,
  MAX_FRAME,
} from '../../../testbed/machines/network/frame-stream.js';
import type { LinkSpec } from '../../../testbed/machines/network/network.js';
import { createSwitchNetwork } from '../../../testbed/machines/network/switch-network.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const MACS = ['52:54:00:77:00:01', '52:54:00:77:00:02', '52:54:00:77:00:03'] as const;

function bytes(mac: string): Buffer {
  return Buffer.from(mac.replaceAll(':', ''), 'hex');
}

function frame(to: string, from: string, payload: string, length = 64): Buffer {
  const content = Buffer.alloc(length - 14);
  content.write(payload);
  return Buffer.concat([bytes(to), bytes(from), Buffer.from([0x88, 0xb5]), content]);
}

test('frames are found again however the stream is cut', (t) => {
  const frames = [frame(BROADCAST, MACS[0], 'one'), frame(MACS[1], MACS[0], 'two', 1514)];
  const stream = Buffer.concat(frames.flatMap((each) => [frameHeader(each), each]));
  for (const step of [1, 3, 64, 100, stream.length]) {
    const decoder = new FrameStream();
    const found: Buffer[] = [];
    for (let at = 0; at < stream.length; at += step)
      found.push(...decoder.push(stream.subarray(at, at + step)));
    t.deepEqual(found, frames, `in steps of ${step}`);
  }
});

test('a length that no frame has is refused', (t) => {
  for (const length of [0, MAX_FRAME + 1, 0xffffffff]) {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(length);
    t.throws(() => new FrameStream().push(header), { instanceOf: FrameLengthError });
  }
});

test('a table sends to all until it has learned, then to one', (t) => {
  const table = new ForwardingTable([1, 2, 3]);
  t.deepEqual(table.forward(frame(MACS[1], MACS[0], ''), 1), [2, 3]);
  t.deepEqual(table.forward(frame(MACS[0], MACS[1], ''), 2), [1]);
  t.deepEqual(table.forward(frame(MACS[1], MACS[0], ''), 1), [2]);
  t.deepEqual(table.forward(frame(BROADCAST, MACS[0], ''), 1), [2, 3]);
});

test('a table sends nothing back where it came from, and no scraps', (t) => {
  const table = new ForwardingTable([1, 2]);
  table.forward(frame(BROADCAST, MACS[0], ''), 1);
  t.deepEqual(table.forward(frame(MACS[0], MACS[2], ''), 1), []);
  t.deepEqual(table.forward(Buffer.alloc(13), 1), []);
});

test('a guest that invents addresses cannot make the table grow without end', (t) => {
  const table = new ForwardingTable([1, 2]);
  for (let i = 0; i < 1000; i += 1) {
    table.forward(
      frame(
        BROADCAST,
        `02:00:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`,
        '',
      ),
      1,
    );
  }
  t.deepEqual(table.forward(frame('02:00:00:00:00:05', MACS[1], ''), 2), [1]);
  // Never learned, so sent to all: that is to port 1 from port 2, and would be nothing from port 1 had it been learned.
  t.deepEqual(table.forward(frame('02:00:00:00:03:00', MACS[0], ''), 1), [2]);
});

/** The end of a link that a guest's QEMU would have. */
class Guest {
  readonly received: Buffer[] = [];
  readonly #stream = new FrameStream();

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received.push(...this.#stream.push(chunk));
      socket.emit('frames');
    });
    socket.on('error', () => undefined);
  }

  static async plug(t: ExecutionContext, path: string): Promise<Guest> {
    const socket = createConnection(path);
    await once(socket, 'connect');
    t.teardown(() => socket.destroy());
    return new Guest(socket);
  }

  send(...frames: readonly Buffer[]): void {
    for (const each of frames) this.socket.write(Buffer.concat([frameHeader(each), each]));
  }

  async take(count: number): Promise<readonly string[]> {
    while (this.received.length < count) await once(this.socket, 'frames');
    return this.received.splice(0, count).map((each) => each.toString('utf8', 14).replaceAll('\0', ''));
  }
}

async function threeGuests(t: ExecutionContext, link: LinkSpec = { bandwidth: 1e9, delayUs: 0 }) {
  const sockets = await mkdtemp(join(tmpdir(), 'switch-'));
  t.teardown(() => rm(sockets, { recursive: true, force: true }));
  const context: Context = {
    paths: systemPaths(),
    processes: systemProcesses,
    clock: systemClock,
    events: () => undefined,
    signal: new AbortController().signal,
    offline: true,
  };
  const network = await createSwitchNetwork(context, { nodes: 3, link, sockets });
  t.teardown(() => network[Symbol.asyncDispose]());
  const plug = async (index: number): Promise<Guest> => {
    const guest = await Guest.plug(t, join(sockets, `port${index}`));
    // Connected means queued in the kernel; a switch that answers has looked into that queue.
    await network.counters(index);
    return guest;
  };
  return { network, plug, guests: [await plug(1), await plug(2), await plug(3)] as const };
}

test('guests hear each other: broadcasts all, the rest only who is meant', async (t) => {
  const { guests, network } = await threeGuests(t);
  const [one, two, three] = guests;
  one.send(frame(BROADCAST, MACS[0], 'who has node2'));
  t.deepEqual(await two.take(1), ['who has node2']);
  t.deepEqual(await three.take(1), ['who has node2']);
  two.send(frame(MACS[0], MACS[1], 'I do'));
  t.deepEqual(await one.take(1), ['I do']);
  three.send(frame(BROADCAST, MACS[2], 'last'));
  t.deepEqual(await one.take(1), ['last']);
  t.is(three.received.length, 0);
  t.deepEqual(await network.counters(1), { sentBytes: 64, receivedBytes: 128 });
});

test('a partition loses frames silently in both directions, and ends', async (t) => {
  const { guests, network } = await threeGuests(t);
  const [one, two, three] = guests;
  await network.setConnected(2, false);
  one.send(frame(BROADCAST, MACS[0], 'lost'));
  t.deepEqual(await three.take(1), ['lost']);
  two.send(frame(BROADCAST, MACS[1], 'lost too'));
  t.is((await network.counters(2)).receivedBytes, 0);
  await network.setConnected(2, true);
  one.send(frame(BROADCAST, MACS[0], 'back'));
  t.deepEqual(await two.take(1), ['back']);
  t.deepEqual(await three.take(1), ['back']);
});

test('a guest that was started again gets its port back', async (t) => {
  const { guests, plug } = await threeGuests(t);
  const [one, two] = guests;
  two.socket.destroy();
  const again = await plug(2);
  one.send(frame(BROADCAST, MACS[0], 'hello again'));
  t.deepEqual(await again.take(1), ['hello again']);
});

test('a guest that sends garbage loses its own link only', async (t) => {
  const { guests } = await threeGuests(t);
  const [one, two, three] = guests;
  two.socket.write(Buffer.alloc(64, 0xff));
  await once(two.socket, 'close');
  one.send(frame(BROADCAST, MACS[0], 'still here'));
  t.deepEqual(await three.take(1), ['still here']);
});

test('everything that a sender sends arrives in order, however slow the link', async (t) => {
  const { guests } = await threeGuests(t, { bandwidth: 2e7, delayUs: 0 });
  const [one, two] = guests;
  two.send(frame(BROADCAST, MACS[1], 'here'));
  await one.take(1);
  const payloads = Array.from({ length: 200 }, (_, i) => `frame ${i}`);
  one.send(...payloads.map((payload) => frame(MACS[1], MACS[0], payload, 1514)));
  t.deepEqual(await two.take(200), payloads);
});

test('ssh has a second NIC and a port of its own on 127.0.0.1', async (t) => {
  const { network } = await threeGuests(t);
  const attachments = [await network.attach(1), await network.attach(2)];
  t.is(new Set(attachments.map(({ ssh }) => ssh.port)).size, 2);
  for (const { ssh, qemuArguments, sshAddress } of attachments) {
    t.is(ssh.host, '127.0.0.1');
    t.is(sshAddress, '10.0.2.15/24');
    t.true(qemuArguments.includes(`user,id=ssh,restrict=on,hostfwd=tcp:127.0.0.1:${ssh.port}-:22`));
  }
});
