// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { projectRoot } from '../../testbed/base/host/paths.js';

interface Verdict {
  readonly passed: boolean;
  /** Complaints, each without the path of its page. */
  readonly complaints: readonly string[];
}

/** What the lint script says of a page; `other.md` stands beside it. */
async function verdictOn(page: string): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'markdown-'));
  try {
    await writeFile(join(folder, 'page.md'), page);
    await writeFile(
      join(folder, 'other.md'),
      '# Other\n\n## What a `cell` is, and why\n\n## Twice\n\n## Twice\n',
    );
    return await new Promise((resolve) => {
      const script = join(projectRoot(), 'test', 'lint', 'markdown.js');
      execFile(process.execPath, [script, join(folder, 'page.md')], (error, _stdout, stderr) => {
        const complaints = stderr.split('\n').filter((line) => line !== '');
        resolve({
          passed: error === null,
          complaints: complaints.map((line) => line.replace(/^.*?\.md:/, '')),
        });
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a line of 100 columns passes, one of 101 does not', async (t) => {
  const fits = await verdictOn(`${'x'.repeat(100)}\n`);
  t.deepEqual(fits, { passed: true, complaints: [] });
  const tooLong = await verdictOn(`# Title\n\n${'é'.repeat(101)}\n`);
  t.deepEqual(tooLong, { passed: false, complaints: ['3: 101 columns, at most 100'] });
});

test('a table may be wider, a code block may not', async (t) => {
  t.true((await verdictOn(`| ${'x'.repeat(200)} |\n`)).passed);
  t.deepEqual((await verdictOn(`\`\`\`\n| ${'x'.repeat(200)} |\n\`\`\`\n`)).complaints, [
    '2: 204 columns, at most 100',
  ]);
});

test('a link to a page that is not there is named', async (t) => {
  const { complaints } = await verdictOn(
    'See [one](other.md), [two](gone.md) and [web](https://example.org/x).\n',
  );
  t.is(complaints.length, 1);
  t.regex(complaints[0] ?? '', /^1: gone\.md: there is no .*gone\.md$/);
});

test('a link to a heading that is not there is named', async (t) => {
  const good = '[a](other.md#what-a-cell-is-and-why) [b](#here) [c](other.md#twice-1)\n\n## Here\n';
  t.deepEqual((await verdictOn(good)).complaints, []);
  const { complaints } = await verdictOn('[a](other.md#twice-2)\n[b](#nowhere)\n');
  t.is(complaints.length, 2);
  t.regex(complaints[0] ?? '', /^1: other\.md#twice-2: .*other\.md has no heading for #twice-2$/);
  t.regex(complaints[1] ?? '', /^2: #nowhere: .*page\.md has no heading for #nowhere$/);
});

test('what stands in code is no link', async (t) => {
  t.true((await verdictOn('`[a](gone.md)`\n\n```\n[b](gone.md)\n```\n')).passed);
});
