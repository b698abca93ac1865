// SPDX-License-Identifier: MIT
import test from 'ava';
import { matcher } from '../../../testbed/products/image/glob.js';

test('a star stays within a path component, two stars do not', (t) => {
  const one = matcher(['etc/*.conf']);
  t.true(one('etc/host.conf'));
  t.false(one('etc/a/host.conf'));
  t.false(one('etc/hostconf'));
  const two = matcher(['usr/lib/**/*.dist']);
  t.true(two('usr/lib/x86_64-linux-gnu/tc/normal.dist'));
  t.false(two('usr/lib/normal.list'));
});

test('everything else stands for itself', (t) => {
  const matches = matcher(['usr/bin/[', 'lib/libstdc++.so.?']);
  t.true(matches('usr/bin/['));
  t.true(matches('lib/libstdc++.so.6'));
  t.false(matches('lib/libstdccc.so.6'));
});
