// SPDX-License-Identifier: MIT
import { request } from 'node:http';
import test from 'ava';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { ProcessView, Snapshot } from '../../../testbed/api/watch/snapshot.js';
import { projectRoot } from '../../../testbed/base/host/paths.js';
import { DisposalStack } from '../../../testbed/base/lifecycle/disposal-stack.js';
import { PageServer } from '../../../testbed/cli/browser/page-server.js';
import { openBrowser, WITHOUT_BROWSER } from './chromium.js';

const inBrowser = WITHOUT_BROWSER === undefined ? test : test.skip;
const because = WITHOUT_BROWSER === undefined ? '' : ` (${WITHOUT_BROWSER})`;

const PROCESS: ProcessView = {
  pid: 62,
  name: '<b>heap-sort</b>',
  state: 'parked',
  policy: 'adaptive',
  runsOn: 'node2',
  places: ['node1', 'node2'].map((node) => ({ node, residentPages: 256, budgetPages: 512, connected: true })),
  total: { jumps: 11, pulledPages: 256, pushedPages: 512 },
  perSecond: { jumps: 1.5, pulledPages: 128, pushedPages: 0 },
  map: {
    cellPages: 16,
    nodes: ['node1', 'node2'],
    cells: Array.from({ length: 200 }, (_, i) => ({
      page: 16 * i,
      here: i < 80 ? [16, 0] : i < 180 ? [2, 14] : [0, 0],
    })),
  },
};
const SNAPSHOT: Snapshot = {
  at: '2026-11-28T08:30:00.000Z',
  testbed: 'default',
  state: 'up',
  emulated: true,
  nodes: ['node1', 'node2'].map((name) => ({
    name,
    address: '10.77.0.1',
    state: 'up',
    connected: true,
    memoryBytes: 2 ** 28,
    shells: 0,
    console: ['[    1.0] hello'],
  })),
  processes: [PROCESS],
  alarms: [],
};

interface Opened extends AsyncDisposable {
  readonly server: PageServer;
  readonly page: Page;
}

async function opened(options: BrowserContextOptions = {}): Promise<Opened> {
  await using owned = new DisposalStack();
  const server = owned.use(await PageServer.open({ project: projectRoot() }));
  const browser = await openBrowser();
  owned.defer(() => browser.close());
  const page = await (await browser.newContext(options)).newPage();
  server.show(SNAPSHOT);
  await page.goto(server.url);
  await page.getByRole('heading', { name: 'heap-sort' }).waitFor();
  const kept = owned.move();
  return { server, page, [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose]() };
}

/** The status of an answer to GET. */
async function statusOf(url: URL, host: string): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test('only who knows the token, and calls the page by its address, is answered', async (t) => {
  await using server = await PageServer.open({ project: projectRoot() });
  const url = new URL(server.url);
  t.is(url.hostname, '127.0.0.1');
  t.is(await statusOf(url, url.host), 200);
  t.is(await statusOf(url, `example.org:${url.port}`), 404);
  for (const path of [
    '/',
    '/page.js',
    '/0123456789abcdef0123456789abcdef/',
    `${url.pathname}none`,
    `${url.pathname}../x`,
  ])
    t.is(await statusOf(new URL(path, url), url.host), 404, path);
});

inBrowser(
  `a process, its nodes and its map are shown, and what a guest says is text${because}`,
  async (t) => {
    await using page = await opened();
    t.regex(
      await page.page.locator('article').innerText(),
      /<b>heap-sort<\/b>, pid 62\n+runs on node2, policy adaptive/,
    );
    t.is(await page.page.locator('page-map i').count(), 200);
    const colour = async (at: number): Promise<unknown> =>
      page.page.evaluate(`getComputedStyle(document.querySelectorAll('page-map i')[${at}]).backgroundColor`);
    t.not(await colour(0), await colour(100));
    t.not(await colour(100), await colour(190));
  },
);

inBrowser(`jumps and alarms come as they happen, and a process that has ended goes${because}`, async (t) => {
  await using page = await opened();
  const total = { ...PROCESS.total, jumps: 14 };
  page.server.show({
    ...SNAPSHOT,
    alarms: ['node2 is cut off the network'],
    processes: [{ ...PROCESS, total }],
  });
  await page.page.getByRole('alert').getByText('node2 is cut off the network').waitFor();
  await page.page.getByText('3 jumps, now on node2').waitFor();
  page.server.show({ ...SNAPSHOT, state: 'down', nodes: [], processes: [] });
  await page.page.getByText(/^down/).waitFor();
  t.is(await page.page.locator('article').count(), 0);
});

inBrowser(`a piece of the map is chosen by the keyboard, and stays chosen${because}`, async (t) => {
  await using page = await opened();
  await page.page.keyboard.press('Tab');
  const map = page.page.getByRole('slider', { name: 'Page map' });
  t.is(await page.page.locator('page-map:focus').count(), 1);
  await page.page.keyboard.press('End');
  t.regex(
    (await map.getAttribute('aria-valuetext')) ?? '',
    /^200 of 200, .* node1 has 0 pages, node2 has 0 pages$/,
  );
  await page.page.keyboard.press('Home');
  await page.page.keyboard.press('ArrowRight');
  page.server.show(SNAPSHOT);
  t.regex(await map.innerText(), /^2 of 200, from 10000, 64 KiB: node1 has 16 pages, node2 has 0 pages$/);
});

inBrowser(`nothing is cut off in a narrow window, and a dark one is dark${because}`, async (t) => {
  await using page = await opened({ viewport: { width: 320, height: 640 }, colorScheme: 'dark' });
  const width = Number(await page.page.evaluate('document.documentElement.scrollWidth'));
  t.true(width <= 320, String(width));
  const ground = await page.page.evaluate('getComputedStyle(document.body).backgroundColor');
  t.is(ground, 'rgb(18, 21, 26)');
});
