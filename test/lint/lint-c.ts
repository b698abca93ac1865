// SPDX-License-Identifier: MIT
import { projectRoot } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { checkStyle, formatInPlace } from './c-style.js';

/** `npm run lint` for C of user space. With `--write` it formats first. */
if (process.argv.includes('--write')) await formatInPlace(systemProcesses, projectRoot());
const verdict = await checkStyle(systemProcesses, projectRoot());
if ('skipped' in verdict) {
  say(`C style: skipped: ${verdict.skipped}`);
} else {
  for (const fault of verdict.faults) say(fault);
  say(`C style: ${verdict.files} files, ${verdict.faults.length} faults`);
  process.exitCode = verdict.faults.length === 0 ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
