// SPDX-License-Identifier: MIT
// Runs two cells in virtual time and reads their figures.
// Usage: node dist/docs/examples/two-cells.js [KERNEL-LINE]
import { Testbed } from 'elasticos-testbed';

const [, , kernel = 'linux-6.1'] = process.argv;
const testbed = new Testbed();

// Cells have guests of their own; nothing has to be up.
const run = await testbed.run('docs/examples/two-cells.json', { kernel });
for (const { system, elapsed, majorFaults } of run.groups())
  console.log(
    `${system}: ${String(elapsed?.median)} s, ${String(majorFaults?.median)} major faults`,
  );

// The same to the bit on any machine that has the same inputs.
const { virtualTime } = run.cell('nbd-swap/count-sort/14M/r1');
console.log(`digest ${virtualTime?.digest ?? 'none'}`);
