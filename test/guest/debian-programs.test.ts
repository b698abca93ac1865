// SPDX-License-Identifier: MIT
import test from 'ava';
import { compare, faultsOf, upWithDebian } from './debian-programs.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

/** A sort, a database, and a compiler at run time. `npm run soak -- --only elasticos/debian` has all of them. */
const PROGRAMS = ['sort', 'sqlite3', 'luajit'] as const;

for (const { line, missing } of kernelsAtHand('release')) {
  const why = missing ?? withoutElasticOS(line);
  const declare = why === undefined ? test.serial : test.serial.skip;
  const because = why === undefined ? '' : ` (${why})`;

  declare(`${line}: programs of Debian write the same bytes when they are stretched${because}`, async (t) => {
    t.timeout(900_000);
    await using tool = await Tool.make();
    await upWithDebian(tool, line, 2);
    for (const program of PROGRAMS) {
      const comparison = await compare(tool, program, 2);
      t.deepEqual(faultsOf(comparison), [], JSON.stringify(comparison));
      t.true(comparison.plain.outputBytes > 0);
    }
  });
}
