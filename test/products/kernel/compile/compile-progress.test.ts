// SPDX-License-Identifier: MIT
import test from 'ava';
import { progressText } from '../../../../testbed/cli/view/progress-text.js';
import { compileProgress } from '../../../../testbed/products/kernel/compile/compile-progress.js';

const FRESH = { there: 0, whole: 1750 };

test('a compilation is shown as a part of the whole, which is not quite known', (t) => {
  t.is(progressText(compileProgress(12, 1_000, FRESH)), '12 of some 1,750 files');
});

test('what is left follows from the objects that were made so far', (t) => {
  t.is(progressText(compileProgress(875, 120_000, FRESH)), '875 of some 1,750 files · some 2 min left');
});

test('the objects of an interrupted build count, and say nothing about the speed', (t) => {
  const resumed = { there: 1000, whole: 1750 };
  t.is(progressText(compileProgress(108, 108_000, resumed)), '1,108 of some 1,750 files · some 11 min left');
});

test('where the whole is not known, or was too small, no part of it is shown', (t) => {
  t.is(progressText(compileProgress(12, 1_000, undefined)), '12 files');
  t.is(progressText(compileProgress(1751, 200_000, FRESH)), '1,751 files');
});
