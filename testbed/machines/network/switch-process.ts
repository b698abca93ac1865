// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { systemClock } from '../../base/clock/clock.js';
import { ForwardingTable } from './forwarding-table.js';
import { SwitchPort } from './switch-port.js';
import type { SwitchConfig, SwitchReply, SwitchRequest } from './switch-protocol.js';

/** Joins QEMU guests over unix sockets, in a process of its own so that traffic does not slow the supervisor down. */
async function main(config: SwitchConfig): Promise<void> {
  const ports = new Map<number, SwitchPort>();
  const table = new ForwardingTable(config.sockets.map((_, i) => i + 1));
  for (const [i, path] of config.sockets.entries()) {
    const node = i + 1;
    const port = new SwitchPort(config.shaping, systemClock, (frame) => {
      for (const to of table.forward(frame, node)) ports.get(to)?.deliver(frame);
    });
    ports.set(node, port);
    const server = createServer((socket) => {
      port.plug(socket);
    });
    server.listen(path);
    await once(server, 'listening');
  }
  reply({ listening: true });
  for await (const line of createInterface({ input: process.stdin })) {
    answer(ports, JSON.parse(line) as SwitchRequest);
  }
  // The owner has ended, or has closed this process.
  process.exit(0);
}

function answer(ports: ReadonlyMap<number, SwitchPort>, request: SwitchRequest): void {
  const port = ports.get(request.node);
  if (port === undefined) throw new RangeError(`the switch has no port ${request.node}`);
  if (request.verb === 'connect') port.connected = request.connected;
  reply({ id: request.id, counters: port.counters });
}

function reply(line: SwitchReply): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await main(JSON.parse(process.argv[2] ?? '') as SwitchConfig);
