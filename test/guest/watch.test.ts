// SPDX-License-Identifier: MIT
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { pagesByNode } from '../../testbed/api/watch/page-map.js';
import type { ProcessView, Snapshot } from '../../testbed/api/watch/snapshot.js';
import { systemClock } from '../../testbed/base/clock/clock.js';
import { withDeadline } from '../../testbed/base/clock/deadline.js';
import type { RunningProcess } from '../../testbed/base/process/process-runner.js';
import { openBrowser, WITHOUT_BROWSER } from '../cli/browser/chromium.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { withoutElasticOS } from './stretched.js';
import { Tool } from './tool.js';

/*
 * What `testbed watch` says of guests, against what the guests say themselves.
 */

/** Pages of the program that is stretched, and what it may have at home. */
const PAGES = 8192;
const BUDGET = '16M';
/** Its stack, its data and its code's tables, some of which may be on their way. */
const AROUND = 64;

for (const { line, missing } of kernelsAtHand('release')) {
  const why = missing ?? withoutElasticOS(line);
  const declare = why === undefined ? test.serial : test.serial.skip;
  const because = why === undefined ? '' : ` (${why})`;

  declare(
    `${line}: a watched testbed shows where pages are, what is wrong, down and up${because}`,
    async (t) => {
      t.timeout(600_000);
      await using tool = await Tool.make();
      const up = ['up', '--nodes', '2', '--memory', '128M', '--kernel', line, '--with', 'elasticos'] as const;
      await using watching = await Watching.begin(tool);
      await watching.until('a testbed that is down', ({ state }) => state === 'down');
      await tool.succeed(...up);
      await watching.until('readings of both nodes', allRead);
      await showsPages(t, tool, watching);
      if (WITHOUT_BROWSER === undefined) await isOnAPage(t, tool);
      else t.log(WITHOUT_BROWSER);
      await takesLittle(t, tool);
      await tellsWhatIsWrong(t, tool, watching);
      if (line !== 'linux-6.1') return;
      await tool.succeed('down');
      await watching.until('a testbed that is down again', ({ state }) => state === 'down');
      await tool.succeed(...up);
      await watching.until('readings of both nodes again', allRead);
    },
  );
}

/** `testbed watch` beside the test. */
class Watching implements AsyncDisposable {
  readonly #snapshots: AsyncIterator<string>;
  #complaint = '';

  private constructor(readonly command: RunningProcess) {
    if (command.stdout === undefined) throw new Error('a command without output');
    command.stderr?.on('data', (chunk) => (this.#complaint += String(chunk)));
    this.#snapshots = createInterface({ input: command.stdout })[Symbol.asyncIterator]();
  }

  static async begin(tool: Tool): Promise<Watching> {
    return new Watching(await tool.start('watch'));
  }

  /** The next snapshot of which that is true. */
  async until(what: string, right: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
    return await withDeadline({ what, deadlineMs: 60_000, clock: systemClock }, async () => {
      for (;;) {
        const next = await this.#snapshots.next();
        if (next.done === true) throw new Error(`watch ended before ${what}: ${this.#complaint}`);
        const snapshot = JSON.parse(next.value) as Snapshot;
        if (right(snapshot)) return snapshot;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command[Symbol.asyncDispose]();
  }
}

function allRead({ state, nodes }: Snapshot): boolean {
  return (
    state === 'up' && nodes.length === 2 && nodes.every(({ readingAgeMs }) => readingAgeMs !== undefined)
  );
}

function holderOf({ processes }: Snapshot): ProcessView | undefined {
  return processes.find(({ name }) => name === 'holder');
}

async function said(tool: Tool, node: string, ...words: readonly string[]): Promise<string> {
  return (await tool.succeed('exec', node, '--', ...words)).stdout;
}

/** What the page map says, and what the page tables of both nodes say. */
async function showsPages(t: ExecutionContext, tool: Tool, watching: Watching): Promise<void> {
  await tool.start(
    'exec',
    'node1',
    '--',
    'elastic',
    'run',
    '--budget',
    BUDGET,
    '--',
    'holder',
    String(PAGES),
  );
  const quiet = await watching.until('a stretched process that moves nothing', (snapshot) => {
    const { map, total, perSecond } = holderOf(snapshot) ?? {};
    if (map === undefined || total === undefined || total.pushedPages === 0) return false;
    const pages = pagesByNode(map).reduce((sum, count) => sum + count);
    return perSecond?.pushedPages === 0 && pages >= PAGES && pages <= PAGES + 4 * AROUND;
  });
  const holder = holderOf(quiet);
  t.true(['node1', 'node2'].includes(holder?.runsOn ?? ''));
  t.deepEqual(holder?.map?.nodes, ['node1', 'node2']);
  t.true((holder?.map?.cells.length ?? Infinity) <= 600);
  await agree(t, tool, watching);
}

/** Pages may be on their way while both are read, so they are read again. */
async function agree(t: ExecutionContext, tool: Tool, watching: Watching): Promise<void> {
  const seen: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    const counted = await Promise.all([ownedOn(tool, 'node1'), ownedOn(tool, 'node2')]);
    const then = Date.now();
    const after = await watching.until('a later reading', (one) => Date.parse(one.at) >= then);
    const { map } = holderOf(after) ?? {};
    const shown = map === undefined ? [] : pagesByNode(map);
    seen.push(`shown ${shown.join()}, counted ${counted.join()}`);
    if (counted.every((pages, index) => Math.abs(pages - (shown[index] ?? 0)) <= AROUND)) return;
  }
  t.fail(seen.join('; '));
}

/** Counted by a program of its own, which prints a line for each page. */
async function ownedOn(tool: Tool, node: string): Promise<number> {
  const [row] = JSON.parse(await said(tool, node, 'elastic', 'ps', '--json')) as { readonly pid: number }[];
  const script = `pagemap ${String(row?.pid)} | grep -c ' 0[123]$'`;
  return Number(await said(tool, node, 'sh', '-c', script));
}

/** The same process in a browser. */
async function isOnAPage(t: ExecutionContext, tool: Tool): Promise<void> {
  await using viewing = await tool.start('view');
  let url: string | undefined;
  for await (const chunk of viewing.stdout ?? []) {
    url = /http:\S+/.exec(String(chunk))?.[0];
    if (url !== undefined) break;
  }
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(url ?? '');
    const process = page.locator('article', { hasText: 'holder, pid' });
    await process.locator('page-map i').nth(100).waitFor();
    t.regex(await process.innerText(), /runs on node[12], policy adaptive/);
    await process.locator('page-map').press('End');
    t.regex(
      await process.locator('output').innerText(),
      /^(\d+) of \1, .* node1 has \d+ pages, node2 has \d+ pages$/,
    );
    t.is(await page.getByRole('alert').innerText(), '');
  } finally {
    await browser.close();
  }
}

/** What guests/elastic/command/watch.c keeps to: microseconds at once, and a share of the time. */
const CREDIT = 20_000;
const SHARE = 1 / 250;

/** Processor time of the readings, by the guest's own clocks, while a stretched process is there. */
async function takesLittle(t: ExecutionContext, tool: Tool): Promise<void> {
  const text = await said(tool, 'node1', 'sh', '-c', 'timeout 8 elastic watch || true');
  const readings = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly at: number; readonly costMicroseconds: number });
  const costs = readings.map(({ costMicroseconds }) => costMicroseconds);
  const spent = costs.reduce((sum, cost) => sum + cost, 0);
  const time = ((readings.at(-1)?.at ?? 0) - (readings[0]?.at ?? 0)) * 1000;
  t.log(`${readings.length} readings took ${((100 * spent) / time).toFixed(2)} % of a processor`);
  t.true(readings.length >= 2);
  t.true(spent > 0);
  // The one that goes beyond is waited for.
  t.true(spent <= CREDIT + SHARE * time + Math.max(...costs), `${spent} of ${time}: ${costs.join()}`);
}

async function tellsWhatIsWrong(t: ExecutionContext, tool: Tool, watching: Watching): Promise<void> {
  await tool.succeed('partition', 'node2');
  const { alarms } = await watching.until('an alarm', (snapshot) => snapshot.alarms.length > 0);
  t.true(alarms.includes('node2 is cut off the network'), alarms.join());
  await tool.succeed('partition', 'node2', '--heal');
  await watching.until(
    'the end of the alarm',
    (snapshot) => !snapshot.alarms.includes('node2 is cut off the network'),
  );
}
