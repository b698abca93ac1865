// SPDX-License-Identifier: MIT
import test from 'ava';
import {
  elasticCommand,
  parseEndedCounters,
  parseEndedReason,
} from '../../../testbed/experiment/run/elastic.js';
import { ElasticReportError } from '../../../testbed/experiment/run/errors.js';
import { judge } from '../../../testbed/experiment/run/verdict.js';
import type { ElasticRecord, Measurement } from '../../../testbed/experiment/result/cell-record.js';
import type { Cell } from '../../../testbed/experiment/scenario/plan.js';
import { planScenario } from '../../../testbed/experiment/scenario/plan.js';
import { parseScenario } from '../../../testbed/experiment/scenario/load-scenario.js';
import { systemPaths } from '../../../testbed/base/host/paths.js';

const MIB = 2 ** 20;

const COUNTERS = {
  jumps: 10,
  jumpBytes: 8000,
  pulls: 100,
  pulledPages: 400,
  pushes: 20,
  pushedPages: 600,
  bytesSent: 5e6,
};

async function cellOf(system: string): Promise<Cell> {
  const text = JSON.stringify({
    name: 'x',
    memory: { computeNode: '128M', budget: '32M' },
    systems: [system],
    workloads: ['heap-sort'],
    footprints: ['40M'],
    repeats: 1,
  });
  const { cells } = planScenario(await parseScenario({ paths: systemPaths() }, 'x.json', text));
  const [cell] = cells;
  if (cell === undefined) throw new Error('the plan has no cell');
  return cell;
}

interface Seen {
  readonly residentBytes?: number;
  readonly crossedBytes?: number;
  readonly shellSeconds?: readonly number[];
  readonly jumps?: number;
}

function measurementOf({
  residentBytes = 32 * MIB,
  crossedBytes = 20 * MIB,
  shellSeconds = [1],
  jumps = COUNTERS.jumps,
}: Seen): Measurement {
  const checksum = '00000000c0ffee00';
  const elastic: ElasticRecord = {
    shells: shellSeconds.map((userSeconds) => ({
      node: 'node2',
      userSeconds,
      systemSeconds: 0,
      peakResidentBytes: 8 * MIB,
    })),
    counters: { ...COUNTERS, jumps },
  };
  return {
    end: { how: 'exit', code: 0 },
    report: {
      bytesTouched: 40 * MIB,
      passes: 1,
      checksum,
      fillNanoseconds: 1e8,
      elapsedNanoseconds: 2e9,
    },
    expected: { checksum, bytesTouched: 40 * MIB },
    process: {
      elapsedSeconds: 2,
      userSeconds: 1,
      systemSeconds: 0,
      majorFaults: 0,
      minorFaults: 100,
      peakResidentBytes: residentBytes,
    },
    elastic,
    paging: { majorFaults: 0, pagesSwappedIn: 0, pagesSwappedOut: 0 },
    clock: { guestSeconds: 2, hostSecondsAtLeast: 2, hostSecondsAtMost: 2 },
    network: { sentBytes: crossedBytes, receivedBytes: 0, wireBytes: crossedBytes },
    host: { loadAverage: { before: 1, after: 1 }, others: 0, stolen: 0, noisy: false },
    oomKills: [],
  };
}

const VERDICTS: readonly [what: string, system: string, seen: Seen, reason: RegExp | undefined][] = [
  ['a process that was stretched, kept its budget and moved is ok', 'elasticos', {}, undefined],
  ['no shell: never stretched', 'elasticos', { shellSeconds: [] }, /never stretched/],
  ['more at home than the budget', 'elasticos', { residentBytes: 34 * MIB }, /^over budget: /],
  [
    'fewer bytes on the link than did not fit at home',
    'elasticos',
    { crossedBytes: 7 * MIB },
    /^no pressure: 8\.0 MiB did not fit at home/,
  ],
  [
    'jumps that no processor time bears out',
    'elasticos',
    { shellSeconds: [0, 0], jumps: 100 },
    /never moved: no shell used processor time, though 100 jumps were counted$/,
  ],
  ['stays too few and short for a clock that ticks', 'elasticos', { shellSeconds: [0, 0] }, undefined],
  ['a full migration that did not move', 'migrate', { shellSeconds: [0] }, /never moved/],
  ['one that was not to jump and did not', 'elasticos-nojump', { shellSeconds: [0.03] }, undefined],
  [
    'one that was not to jump and did',
    'elasticos-nojump',
    { shellSeconds: [0.5] },
    /moved, which it was not to/,
  ],
];

for (const [what, system, seen, reason] of VERDICTS) {
  test(`${system}: ${what}`, async (t) => {
    const verdict = judge(await cellOf(system), measurementOf(seen), undefined);
    t.is(verdict.status, reason === undefined ? 'ok' : 'invalid', verdict.reason);
    if (reason !== undefined) t.regex(verdict.reason ?? '', reason);
  });
}

test('a process that was ended for what it had lost says so', async (t) => {
  const lost: Measurement = { ...measurementOf({}), end: { how: 'signal', signal: 7 } };
  const elastic: ElasticRecord = {
    shells: [],
    counters: COUNTERS,
    reason: 'node 1 is lost (-110), its pages are gone',
  };
  const { status, reason } = judge(await cellOf('elasticos'), { ...lost, elastic }, undefined);
  t.is(status, 'failed');
  t.is(reason, 'the workload was ended by signal 7: node 1 is lost (-110), its pages are gone');
});

test('a workload is run by `elastic run` as the cell says', async (t) => {
  const { elastic } = await cellOf('elasticos-nojump');
  if (elastic === undefined) throw new Error('the cell is not elastic');
  t.is(
    elasticCommand(elastic, ['heap-sort', '--seed', '1']).join(' '),
    `/usr/lib/testbed/elastic run --budget ${32 * MIB} --policy sticky --nodes 2 --threshold 8 --window 32 -- heap-sort --seed 1`,
  );
});

test('counters are those of ended sessions; a node without any has zeroes', (t) => {
  const names = ['jumps_out', 'jump_bytes', 'pulls', 'pulled_pages', 'pushes', 'pushed_pages', 'bytes_sent'];
  const ended = `ended 2\n${names.map((name, i) => `${name} ${i + 1}\n`).join('')}pull_histogram 1 2\n`;
  const counters = parseEndedCounters('node1', `pid 7\njumps_out 99\n\n${ended}`);
  t.deepEqual(Object.values(counters), [1, 2, 3, 4, 5, 6, 7]);
  t.is(parseEndedCounters('node1', 'pid 7\njumps_out 99\n\n').jumps, 0);
  t.is(parseEndedReason(`pid 7\nreason of another\n\n${ended}`), undefined);
  t.is(parseEndedReason(`pid 7\n\n${ended}reason node 1 is lost (-110)\n`), 'node 1 is lost (-110)');
  t.throws(() => parseEndedCounters('node2', 'ended 1\njumps_out 1\n'), { instanceOf: ElasticReportError });
});
