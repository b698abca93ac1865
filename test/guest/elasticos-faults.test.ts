// SPDX-License-Identifier: MIT
import test from 'ava';
import { kernelsAtHand } from './kernels-at-hand.js';
import { StretchedNodes, withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

const STICKY = ['mode=sticky', 'budget=128', 'delay=5'] as const;
const BUSY = ['selfcheck', '512', '100000', 'random', '500'] as const;

for (const { line, missing } of kernelsAtHand('debug')) {
  const reason = missing ?? withoutElasticOS(line, 'debug');
  const declare = reason === undefined ? test.serial : test.serial.skip;
  const because = reason === undefined ? '' : ` (${reason})`;

  declare(`${line} debug: the checker finds a page that is in two places${because}`, async (t) => {
    t.timeout(1_200_000);
    await using tool = await Tool.make();
    await tool.succeed('up', '--kernel', line, '--debug', '--nodes', '2', '--memory', '192M', '--no-flow');
    await using nodes = await StretchedNodes.join(tool);
    await using process = await nodes.begin(STICKY, BUSY);
    t.is((await process.prove()).wrong, 0);

    await nodes.arm('node1', 'sent PUSH 1 keep');
    await nodes.firedOn('node1');
    const { wrong, complaints } = await process.prove();
    t.is(wrong, 1);
    t.regex(complaints[0] ?? '', /has 2 owners/);

    // It may have met its duplicate by now, and not survived that.
    await process.kill();
    await nodes.allGone();
  });
}
