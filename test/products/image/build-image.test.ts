// SPDX-License-Identifier: MIT
import test from 'ava';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { TestbedEvent } from '../../../testbed/base/event/event.js';
import { buildImage } from '../../../testbed/products/image/build-image.js';
import { readCpio, type CpioMember } from '../../../testbed/products/image/cpio.js';
import { temporaryFolder, testContext } from './test-context.js';

/** What a guest cannot do without, wherever it comes from. */
const EXPECTED = [
  'init',
  'dev/console',
  'usr/bin/busybox',
  'usr/bin/sh',
  'usr/bin/ip',
  'usr/bin/ss',
  'usr/bin/ping',
  'usr/bin/nc',
  'usr/bin/nbd-server',
  'usr/sbin/nbd-client',
  'usr/sbin/tc',
  'usr/sbin/dropbear',
  'usr/sbin/modprobe',
  'usr/lib64/ld-linux-x86-64.so.2',
  'usr/lib/x86_64-linux-gnu/libc.so.6',
  'etc/passwd',
];

test('the initramfs is at most 16 MiB, has what guests need, and is the same bytes in another cache', async (t) => {
  const image = await buildImage(testContext(), 'initramfs');
  t.true(image.bytes <= 16 * 1024 * 1024);
  t.is(image.bytes % 4, 0);
  t.true(image.packages.some((name) => name.startsWith('busybox ')));

  const members = new Map<string, CpioMember>();
  for (const member of readCpio(gunzipSync(await readFile(image.path)))) members.set(member.path, member);
  for (const path of EXPECTED) t.true(members.has(path), path);
  t.is((members.get('root/.ssh')?.mode ?? 0) & 0o777, 0o700);
  t.regex(members.get('etc/passwd')?.content.toString() ?? '', /^root:\*:0:0:root:\/root:\/bin\/sh$/m);

  // The packages, and what apt has resolved, are inputs: with them nothing else is needed from outside.
  const cache = await temporaryFolder(t);
  const known = testContext().paths.cache;
  await cp(join(known, 'packages'), join(cache, 'packages'), { recursive: true });
  await cp(join(known, 'apt', 'resolved'), join(cache, 'apt', 'resolved'), { recursive: true });
  const events: TestbedEvent[] = [];
  const elsewhere = testContext({
    paths: { cache },
    offline: true,
    events: (event) => {
      events.push(event);
    },
  });
  const again = await buildImage(elsewhere, 'initramfs');
  t.is(again.key, image.key);
  t.is(again.sha256, image.sha256);

  events.length = 0;
  t.is((await buildImage(elsewhere, 'initramfs')).path, again.path);
  const finished = events.filter((event) => event.type === 'stage-finished').at(-1);
  t.like(finished, { id: 'image/initramfs', outcome: 'unchanged' });
});
