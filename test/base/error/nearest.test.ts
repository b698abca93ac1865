// SPDX-License-Identifier: MIT
import test from 'ava';
import { nearest, typingMistakes } from '../../../testbed/base/error/nearest.js';

const COMMANDS = ['up', 'run', 'status', 'ssh', 'exec', 'results', 'doctor'];

test('a swapped, missing, doubled or wrong letter is one mistake', (t) => {
  t.is(typingMistakes('status', 'status'), 0);
  for (const typo of ['sttaus', 'statu', 'statuss', 'ststus']) t.is(typingMistakes(typo, 'status'), 1, typo);
  t.is(typingMistakes('', 'up'), 2);
});

test('the candidate with the fewest mistakes is meant', (t) => {
  t.is(nearest('sttaus', COMMANDS), 'status');
  t.is(nearest('shs', COMMANDS), 'ssh');
  t.is(nearest('Doctor', COMMANDS), 'doctor');
});

test('so is the only one that begins like it', (t) => {
  t.is(nearest('res', COMMANDS), 'results');
});

test('nothing is meant by a word that resembles none', (t) => {
  t.is(nearest('frobnicate', COMMANDS), undefined);
  t.is(nearest('x', ['network-swap']), undefined);
  t.is(nearest('up', []), undefined);
});
