// SPDX-License-Identifier: MIT
import test from 'ava';
import type { StageWaiting } from '../../../testbed/base/event/event.js';
import { plainLines } from '../../../testbed/cli/view/plain-lines.js';
import { waitingText } from '../../../testbed/cli/view/waiting-text.js';

const SILENT: StageWaiting = { type: 'stage-waiting', at: 20_000, id: 'boot/node1', silentMs: 20_000 };

test('what is waited for is told with what was heard last', (t) => {
  t.is(waitingText(SILENT), 'no news for 20 s');
  const boot = { ...SILENT, silentMs: 80_000, what: 'the boot of node1' };
  t.is(waitingText(boot), 'no news for 1 min 20 s; waits for the boot of node1');
  t.is(
    waitingText({ ...boot, last: '[    0.421] Unpacking initramfs...\r' }),
    'no news for 1 min 20 s; waits for the boot of node1, which said last: [    0.421] Unpacking initramfs...',
  );
});

test('a line tells of it under the title of the stage', (t) => {
  const lines: string[] = [];
  const view = plainLines((line) => lines.push(line));
  view({ type: 'stage-started', at: 0, id: 'boot/node1', title: 'Boot node1' });
  view({ ...SILENT, what: 'the boot of node1' });
  t.deepEqual(lines, ['  --> Boot node1', '   .. Boot node1: no news for 20 s; waits for the boot of node1']);
});
