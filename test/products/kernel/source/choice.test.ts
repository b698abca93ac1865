// SPDX-License-Identifier: MIT
import test from 'ava';
import { candidates, takeFirst } from '../../../../testbed/products/kernel/source/choice.js';
import {
  SourceHashError,
  SourceMissingError,
  SourceUnreachableError,
} from '../../../../testbed/products/kernel/line/errors.js';

const KERNEL_ORG = new URL('https://kernel.example/linux.tar.xz');

test("the default is the paper's kernel, with Debian's in reserve", (t) => {
  t.deepEqual(
    candidates({}).map(({ line }) => line),
    ['linux-2.6.38.8', 'linux-6.1'],
  );
});

test("a scenario's list is taken in its order; an empty one is none", (t) => {
  t.deepEqual(candidates({ preferred: ['linux-6.1', 'linux-2.6.38.8'] }), [
    { line: 'linux-6.1', reason: "the scenario's first choice", last: false },
    { line: 'linux-2.6.38.8', reason: 'a later choice of the scenario', last: true },
  ]);
  t.is(candidates({ preferred: [] }).length, 2);
});

test('--kernel goes before everything and has no reserve', (t) => {
  t.deepEqual(candidates({ pinned: 'linux-6.1', preferred: ['linux-2.6.38.8'] }), [
    { line: 'linux-6.1', reason: 'pinned by --kernel', last: true },
  ]);
});

test('the first line is taken, and why is told', async (t) => {
  t.is(
    await takeFirst(candidates({}), ({ line, reason }) => Promise.resolve(`${line}: ${reason}`)),
    'linux-2.6.38.8: the default',
  );
});

test('a line whose source is out of reach gives way to the next, and that is told', async (t) => {
  const taken = await takeFirst(candidates({}), ({ line, reason }) => {
    if (line === 'linux-2.6.38.8')
      throw new SourceUnreachableError(line, KERNEL_ORG, 'no answer within 10 s');
    return Promise.resolve(`${line}: ${reason}`);
  });
  t.is(
    taken,
    'linux-6.1: the default in reserve, since linux-2.6.38.8 is out of reach: kernel.example: no answer within 10 s',
  );
});

test('a download that --offline forbids counts as out of reach', async (t) => {
  const taken = await takeFirst(candidates({}), ({ line }) => {
    if (line === 'linux-2.6.38.8')
      throw new SourceMissingError(line, 'offline', { nextStep: '', offline: true });
    return Promise.resolve(line);
  });
  t.is(taken, 'linux-6.1');
});

test('a wrong hash never falls back', async (t) => {
  const tried: string[] = [];
  const taking = takeFirst(candidates({}), ({ line }) => {
    tried.push(line);
    return Promise.reject(new SourceHashError('linux.tar.xz', 'a', 'b'));
  });
  await t.throwsAsync(taking, { instanceOf: SourceHashError });
  t.deepEqual(tried, ['linux-2.6.38.8']);
});

test('when nothing can be reached, the error is that of the first choice', async (t) => {
  const taking = takeFirst(candidates({}), ({ line }) =>
    Promise.reject(new SourceUnreachableError(line, KERNEL_ORG, `no ${line}`)),
  );
  await t.throwsAsync(taking, { instanceOf: SourceUnreachableError, message: /no linux-2\.6\.38\.8$/ });
});
