// SPDX-License-Identifier: MIT
import test from 'ava';
import { kernelsAtHand } from './kernels-at-hand.js';
import { firstSteps, fuzzOf, fuzzOnce, replayOf } from './mmfuzz.js';
import { StretchedNodes, withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

const NODES = 3;
/** Between them they have every policy, two and three nodes, every budget. The long form is `npm run soak -- --only elasticos/mmfuzz`. */
const SEEDS = [1, 2, 3, 6, 7, 11];
const STEPS = 100;

for (const { line, missing } of kernelsAtHand('release')) {
  const reason = missing ?? withoutElasticOS(line);
  const declare = reason === undefined ? test.serial : test.serial.skip;
  const because = reason === undefined ? '' : ` (${reason})`;

  declare(
    `${line}: random changes of memory leave every byte right, on whatever node${because}`,
    async (t) => {
      t.timeout(900_000);
      await using tool = await Tool.make();
      await tool.succeed('up', '--kernel', line, '--nodes', String(NODES), '--memory', '128M', '--no-flow');
      await using nodes = await StretchedNodes.join(tool);
      let jumps = 0;
      for (const seed of SEEDS) {
        const fuzz = fuzzOf(seed, firstSteps(STEPS), NODES);
        const outcome = await fuzzOnce(nodes, fuzz);
        if ('complaint' in outcome) t.fail(`${outcome.complaint}\n${replayOf(fuzz, { line, debug: false })}`);
        else jumps += outcome.jumps;
      }
      t.true(jumps > 100, `${String(jumps)} jumps`);
      await nodes.stopShells();
      await nodes.allGone();
      await nodes.unload();
    },
  );
}
