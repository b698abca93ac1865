// SPDX-License-Identifier: MIT
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { answerTo } from '../../../testbed/experiment/workload/oracle/answer.js';
import { programCommand, ProgramExit } from '../../../testbed/experiment/workload/program.js';
import { parseReport, type WorkloadReport } from '../../../testbed/experiment/workload/report.js';
import {
  WORKLOAD_NAMES,
  workloads,
  type WorkloadRun,
} from '../../../testbed/experiment/workload/workload.js';
import { buildPrograms, type BuiltPrograms } from './built-programs.js';

const KIB = 1024;
const MIB = 1024 * KIB;

let programs: BuiltPrograms;

test.before(async () => {
  programs = await buildPrograms(() => ['all', 'check']);
});

test.after.always(async () => {
  await programs[Symbol.asyncDispose]();
});

async function reportOf(run: WorkloadRun): Promise<WorkloadReport> {
  const { stdout } = await systemProcesses.succeed(programCommand(run, programs.folder));
  return parseReport(stdout, run);
}

for (const workload of WORKLOAD_NAMES) {
  test(`${workload}: the program and the oracle agree, at every size and seed`, async (t) => {
    for (const bytes of [64 * KIB, 100_001, 333_333, MIB, 8 * MIB]) {
      for (const seed of [0n, 1n, 0xffff_ffff_ffff_ffffn]) {
        const run = { workload, bytes, seed };
        const { checksum, bytesTouched } = await reportOf(run);
        t.deepEqual({ checksum, bytesTouched }, answerTo(run), `${bytes} bytes, seed ${seed}`);
      }
    }
  });

  test(`${workload}: two runs give the same checksum, another seed gives another`, async (t) => {
    const run = { workload, bytes: MIB, seed: 5n };
    const [first, second, other] = await Promise.all([
      reportOf(run),
      reportOf(run),
      reportOf({ ...run, seed: 6n }),
    ]);
    t.is(first.checksum, second.checksum);
    t.not(first.checksum, other.checksum);
  });

  test(`${workload}: a flipped bit anywhere in the data changes the checksum`, async (t) => {
    const { stdout } = await programs.run(`check/flips-${workload}`, String(64 * KIB), '127');
    const { dataBytes, flips, unnoticed } = JSON.parse(stdout) as Record<string, number>;
    t.is(flips, Math.ceil((dataBytes ?? 0) / 127));
    t.true((flips ?? 0) > 200);
    t.is(unnoticed, 0);
  });

  test(`${workload}: occupies what it was given, and says how much`, async (t) => {
    const bytes = 16 * MIB;
    const path = join(programs.folder, workload);
    const { stdout, stderr } = await programs.run('check/resident', path, '--bytes', '16M');
    const { bytesTouched } = parseReport(stdout);
    t.true(bytesTouched <= bytes && bytesTouched > 0.99 * bytes);
    // A static program and its stack have less than a mebibyte.
    const resident = Number(stderr);
    t.true(resident > 0.95 * bytesTouched && resident < 1.05 * bytesTouched + MIB, `resident: ${resident}`);
  });

  test(`${workload}: --help tells the passes that the registry has`, async (t) => {
    const { code, stdout } = await programs.run(workload, '--help');
    t.is(code, ProgramExit.Ok);
    t.regex(stdout, new RegExp(`^usage: ${workload} --bytes`));
    t.is(
      /measured phase: (\d+)\./.exec(stdout)?.[1],
      String(workloads.find(({ name }) => name === workload)?.passes),
    );
  });
}

test('sizes have suffixes, seeds may be hexadecimal', async (t) => {
  const { stdout } = await programs.run('linear-search', '--bytes', '64K', '--seed', '0xfFfF');
  const { bytes, seed } = parseReport(stdout);
  t.is(bytes, 64 * KIB);
  t.is(seed, 0xffffn);
});

const MISTAKES: readonly (readonly [options: readonly string[], message: RegExp])[] = [
  [[], /--bytes is missing/],
  [['--bytes', '63K'], /from 64K to 16G/],
  [['--bytes', '65535'], /from 64K to 16G/],
  [['--bytes', '17G'], /from 64K to 16G/],
  [['--bytes', '17179869185'], /from 64K to 16G/],
  [['--bytes', '99999999999999999999G'], /--bytes 9/],
  [['--bytes', '-1M'], /--bytes -1M/],
  [['--bytes', ' 1M'], /--bytes {2}1M/],
  [['--bytes', '1MB'], /--bytes 1MB/],
  [['--bytes', '1k'], /--bytes 1k/],
  [['--bytes', ''], /--bytes :/],
  [['--bytes'], /requires an argument/],
  [['--bytes', '1M', '--seed', '-1'], /--seed -1/],
  [['--bytes', '1M', '--seed', '18446744073709551616'], /64 bits/],
  [['--bytes', '1M', '--seed', '0x'], /--seed 0x/],
  [['--bytes', '1M', '--seed', '1a'], /--seed 1a/],
  [['--bytes', '1M', 'more'], /more: not an option/],
  [['--passes', '3'], /unrecognized option/],
];

for (const [options, message] of MISTAKES) {
  test(`a wrong command line is refused: ${JSON.stringify(options)}`, async (t) => {
    const { code, stdout, stderr } = await programs.run('count-sort', ...options);
    t.is(code, ProgramExit.Usage);
    t.is(stdout, '');
    t.regex(stderr, message);
  });
}

test('memory that cannot be had has an exit status of its own', async (t) => {
  const { code, stderr } = await systemProcesses.run([
    'prlimit',
    `--as=${32 * MIB}`,
    join(programs.folder, 'heap-sort'),
    '--bytes',
    '64M',
  ]);
  t.is(code, ProgramExit.OutOfMemory);
  t.regex(stderr, /^out of memory: /);
});

test('a report that cannot be written is no success', (t) => {
  const full = openSync('/dev/full', 'w');
  const { status } = spawnSync(join(programs.folder, 'heap-sort'), ['--bytes', '64K'], {
    stdio: ['ignore', full, 'ignore'],
  });
  closeSync(full);
  t.is(status, ProgramExit.OutputFailed);
});

test('block merge sort is right and stable for inputs of every shape; heap sort is right', async (t) => {
  const { code, stdout, stderr } = await programs.run('check/sorts');
  t.is(code, 0, stderr);
  t.is(Number(stdout), 800);
});

test('a linear search that does not fit in memory faults on every page of every pass', async (t) => {
  const { stdout } = await programs.run('check/faults-linear-search', String(4 * MIB), String(2 * MIB));
  const { majorFaults } = JSON.parse(stdout) as Record<string, number>;
  const pages = (6 * 4 * MIB) / (4 * KIB);
  t.true((majorFaults ?? 0) > 0.99 * pages && (majorFaults ?? 0) <= pages);
});

test('where they are built leaves no trace in the programs', async (t) => {
  await using elsewhere = await buildPrograms((folder) => [join(folder, 'dijkstra')]);
  const [one, other] = await Promise.all(
    [programs, elsewhere].map(({ folder }) => readFile(join(folder, 'dijkstra'))),
  );
  t.true(other !== undefined && one?.equals(other));
});
