// SPDX-License-Identifier: MIT
import { projectRoot, systemPaths } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { treePlace } from '../../testbed/products/kernel/line/place.js';
import { checkStyle, formatInPlace, type StyleVerdict } from './c-style.js';
import { checkpatch, JUDGE } from './kernel-c.js';

/**
 * `npm run lint` for C. With `--write`, what runs in user space is formatted first. sparse takes longer than a lint may,
 * and is a test: test/guest/kernel-c.test.ts.
 */
if (process.argv.includes('--write')) await formatInPlace(systemProcesses, projectRoot());
report('C of user space', await checkStyle(systemProcesses, projectRoot()));
const { source } = treePlace(systemPaths(), JUDGE);
report('C of the kernel', await checkpatch(systemProcesses, projectRoot(), source));

function report(what: string, verdict: StyleVerdict): void {
  if ('skipped' in verdict) {
    say(`${what}: skipped: ${verdict.skipped}`);
    return;
  }
  for (const fault of verdict.faults) say(fault);
  say(`${what}: ${verdict.files} files, ${verdict.faults.length} faults`);
  if (verdict.faults.length > 0) process.exitCode = 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
