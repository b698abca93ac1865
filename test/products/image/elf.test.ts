// SPDX-License-Identifier: MIT
import test from 'ava';
import { readFile } from 'node:fs/promises';
import { dynamicNeeds } from '../../../testbed/products/image/elf.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';

test('a program needs what readelf(1) says it needs', async (t) => {
  for (const program of ['/bin/ls', '/bin/bash', '/usr/bin/gcc']) {
    const { stdout } = await systemProcesses.succeed(['readelf', '--dynamic', '--program-headers', program], {
      env: { LC_ALL: 'C' },
    });
    const needs = dynamicNeeds(await readFile(program));
    const libraries = [...stdout.matchAll(/\(NEEDED\) .*\[(.*)\]/g)].map((match) => match[1]);
    t.deepEqual(needs?.libraries, libraries, program);
    t.is(needs?.interpreter, /interpreter: (.*)\]/.exec(stdout)?.[1], program);
  }
});

test('a script, a static program and an empty file need nothing', async (t) => {
  t.is(dynamicNeeds(Buffer.from('#!/bin/sh\n')), undefined);
  t.is(dynamicNeeds(Buffer.alloc(0)), undefined);
  // Linked as `static-pie`: it relocates itself.
  t.deepEqual(dynamicNeeds(await readFile('/sbin/ldconfig'))?.libraries, []);
});

test('a program that is cut short is an error, not half an answer', async (t) => {
  const whole = await readFile('/bin/ls');
  t.throws(() => dynamicNeeds(whole.subarray(0, 300)), { instanceOf: RangeError });
});
