// SPDX-License-Identifier: MIT
import test from 'ava';
import { projectRoot } from '../../../../testbed/base/host/paths.js';
import { listLines, loadLine } from '../../../../testbed/products/kernel/line/line.js';
import { parsePatchHeader } from '../../../../testbed/products/kernel/series/patch.js';
import { readChanges, type Changes, type Patch } from '../../../../testbed/products/kernel/series/series.js';

/** What a reviewer reads in one go. */
const MOST_LINES = 150;
const CONTEXT = 3;

const paths = { project: projectRoot() };

async function changesOf(id: string): Promise<Changes> {
  return await readChanges(paths, await loadLine(paths, id));
}

function diffOf(patch: Patch): readonly string[] {
  return patch.text
    .slice(patch.text.search(/^diff --git /m))
    .trimEnd()
    .split('\n');
}

/** Hunks with fewer lines of context than others, at their beginning or end, where no end of a file explains it. */
function shortHunks(patch: Patch): readonly string[] {
  return diffOf(patch)
    .join('\n')
    .split(/^(?=diff --git )/m)
    .flatMap((file) => {
      const [, ...hunks] = file.split(/^(?=@@ )/m);
      return hunks.filter((hunk, at) => {
        const [header = '', ...lines] = hunk.replace(/\n$/, '').split('\n');
        const first = /^@@ -[01][, ]/.test(header);
        const before = lines.findIndex((line) => /^[+-]/.test(line));
        const after = [...lines].reverse().findIndex((line) => /^[+-]/.test(line));
        return (before < CONTEXT && !first) || (after < CONTEXT && at < hunks.length - 1);
      });
    });
}

for (const id of await listLines(paths)) {
  test(`each patch of ${id} is short, with context and git's headers`, async (t) => {
    for (const patch of (await changesOf(id)).series) {
      const diff = diffOf(patch);
      t.true(diff.length <= MOST_LINES, `${patch.name} has ${diff.length} lines of diff`);
      t.deepEqual(shortHunks(patch), [], patch.name);
      const files = diff.filter((line) => line.startsWith('+++ '));
      const headers = diff.filter((line) => line.startsWith('diff --git '));
      t.is(headers.length, files.length, `${patch.name} has files without a header of git's`);
    }
  });

  test(`each patch of ${id} says what it changes, and why`, async (t) => {
    for (const patch of (await changesOf(id)).series) {
      const { subject, body } = parsePatchHeader(patch.name, patch.text);
      t.regex(subject, /^[\w./-]+(, [\w./-]+)*: \S/, patch.name);
      t.not(body, '', `${patch.name} does not say why`);
    }
  });

  test(`no patch of ${id} changes a file of the core, which is the same for all lines`, async (t) => {
    const { core, series } = await changesOf(id);
    t.true(core.files.has('mm/elasticos.c'));
    for (const patch of series) {
      const changed = diffOf(patch).flatMap((line) => /^\+\+\+ b\/(.+)$/.exec(line)?.[1] ?? []);
      t.deepEqual(
        changed.filter((path) => core.files.has(path)),
        [],
        patch.name,
      );
    }
  });
}
