// SPDX-License-Identifier: MIT
import { appendFile, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { tipOf } from '../../../../testbed/products/kernel/series/apply-series.js';
import { PatchRejectedError, TreeEditedError } from '../../../../testbed/products/kernel/line/errors.js';
import { discardSeriesEdits } from '../../../../testbed/products/kernel/series/export-series.js';
import { gitIn, type Git } from '../../../../testbed/products/kernel/line/git.js';
import { layTree, type EditedTree } from '../../../../testbed/products/kernel/source/lay-tree.js';
import type { Line } from '../../../../testbed/products/kernel/line/line.js';
import { treePlace, type TreePlace } from '../../../../testbed/products/kernel/line/place.js';
import { importFolder, type Pristine } from '../../../../testbed/products/kernel/source/pristine.js';
import { readChanges, type Changes } from '../../../../testbed/products/kernel/series/series.js';
import {
  appliedSeries,
  openSourceTree,
  treeEdits,
} from '../../../../testbed/products/kernel/series/source-tree.js';
import { PATCH_EIGHT, PATCH_TWO, SILENT, testProject, TINY_KERNEL, type TestProject } from '../project.js';

interface Tree {
  readonly project: TestProject;
  readonly git: Git;
  readonly place: TreePlace;
  readonly pristine: Pristine;
  /** Lays the line's series, as it is in kernel-patches/ now. */
  readonly lay: () => Promise<EditedTree | undefined>;
  readonly define: (patches: Readonly<Record<string, string>>) => Promise<Line>;
  readonly file: (path: string) => string;
}

async function tree(t: ExecutionContext, patches: Readonly<Record<string, string>>): Promise<Tree> {
  const project = await testProject(t);
  const { context } = project;
  let line = await project.line({}, patches);
  const place = treePlace(context.paths, line.id);
  const git = await openSourceTree(context, place);
  const pristine = await importFolder(
    git,
    place,
    await project.write('given', TINY_KERNEL),
    undefined,
    SILENT,
  );
  const lay = async (): Promise<EditedTree | undefined> =>
    await layTree(context, {
      git,
      place,
      pristine,
      changes: await readChanges(context.paths, line),
      edits: await treeEdits(context, place),
      stage: SILENT,
    });
  await lay();
  const define = async (changed: Readonly<Record<string, string>>): Promise<Line> =>
    (line = await project.line({}, changed));
  return { project, git, place, pristine, lay, define, file: (path) => join(place.source, path) };
}

/** Makes every file old, so that whatever is written afterwards shows. */
async function age(tree: Tree): Promise<void> {
  for (const path of Object.keys(TINY_KERNEL)) await utimes(tree.file(path), 1000, 1000);
  await tree.git.ask(['update-index', '--refresh']);
}

async function isOld(tree: Tree, path: string): Promise<boolean> {
  return (await stat(tree.file(path))).mtimeMs === 1_000_000;
}

const NOTHING: Changes = { core: { files: new Map(), sha256: '' }, series: [] };

const SERIES = { '0001-two.patch': PATCH_TWO, '0002-eight.patch': PATCH_EIGHT };

test('a series becomes a commit for each patch, on top of the pristine source', async (t) => {
  const { git, pristine, file } = await tree(t, SERIES);
  t.regex(await readFile(file('mm/swap.c'), 'utf8'), /TWO[^]*EIGHT/);
  const log = await git.ask(['log', '--format=%s, %an', `${pristine.commit}..HEAD`]);
  t.is(log, 'mm: say EIGHT, ElasticOS testbed\nmm: say TWO in capitals, A Kernel Developer');
});

test('the core is one commit ahead of the series, each file at its path below core/', async (t) => {
  const laid = await tree(t, SERIES);
  await laid.project.core({ 'mm/elastic.c': 'elastic\n', 'include/linux/elastic.h': 'header\n' });
  await laid.lay();
  const { git, pristine } = laid;
  t.is(await readFile(laid.file('include/linux/elastic.h'), 'utf8'), 'header\n');
  const log = await git.ask(['log', '--reverse', '--format=%s', '--name-only', `${pristine.commit}..HEAD`]);
  t.regex(
    log,
    /^The core of ElasticOS\n\ninclude\/linux\/elastic.h\nmm\/elastic.c\nmm: say TWO in capitals\n/,
  );
});

test('a changed file of the core is rewritten, and no other', async (t) => {
  const laid = await tree(t, SERIES);
  await laid.project.core({ 'mm/elastic.c': 'elastic\n' });
  await laid.lay();
  await age(laid);
  await laid.project.core({ 'mm/elastic.c': 'more elastic\n' });
  await laid.lay();
  t.is(await readFile(laid.file('mm/elastic.c'), 'utf8'), 'more elastic\n');
  t.true(await isOld(laid, 'mm/swap.c'));
  t.true(await isOld(laid, 'mm/memory.c'));
});

test('a file that the core no longer has leaves the tree', async (t) => {
  const laid = await tree(t, SERIES);
  await laid.project.core({ 'mm/elastic.c': 'elastic\n' });
  await laid.lay();
  await rm(join(laid.project.root, 'kernel-patches', 'elasticos', 'core'), { recursive: true });
  await laid.lay();
  await t.throwsAsync(stat(laid.file('mm/elastic.c')), { code: 'ENOENT' });
});

test('the same series gives the same commits anywhere', async (t) => {
  const [one, two] = await Promise.all([tree(t, SERIES), tree(t, SERIES)]);
  const tips = await Promise.all(
    [one, two].map(async ({ place }) => tipOf((await appliedSeries(place)) ?? none())),
  );
  t.is(tips[0], tips[1]);
});

function none(): never {
  throw new Error('nothing was laid');
}

test('a series that has not changed touches nothing', async (t) => {
  const laid = await tree(t, SERIES);
  await age(laid);
  await laid.lay();
  t.true(await isOld(laid, 'mm/swap.c'));
});

test('a changed patch rewrites the files that it changes, and no others', async (t) => {
  const laid = await tree(t, SERIES);
  await age(laid);
  await laid.define({ ...SERIES, '0002-eight.patch': PATCH_EIGHT.replace('+EIGHT', '+Eight') });
  await laid.lay();
  t.regex(await readFile(laid.file('mm/swap.c'), 'utf8'), /TWO[^]*Eight/);
  t.false(await isOld(laid, 'mm/swap.c'));
  t.true(await isOld(laid, 'mm/memory.c'));
  t.true(await isOld(laid, 'Makefile'));
});

test('a patch whose text alone has changed touches no file', async (t) => {
  const laid = await tree(t, SERIES);
  await age(laid);
  await laid.define({ ...SERIES, '0001-two.patch': PATCH_TWO.replace('more important', 'less important') });
  await laid.lay();
  t.true(await isOld(laid, 'mm/swap.c'));
  t.regex(await laid.git.ask(['log', '--format=%B']), /less important/);
});

test('a patch that does not apply is named with its file and hunk, and the tree stays as it was', async (t) => {
  const laid = await tree(t, SERIES);
  const broken = PATCH_TWO.replace(
    /three\n$/,
    'three\n@@ -7,3 +7,3 @@ a function\n seven\n-eleven\n+ELEVEN\n nine\n',
  );
  await laid.define({ '0001-two.patch': broken, '0002-eight.patch': PATCH_EIGHT });
  const error = await t.throwsAsync(laid.lay(), { instanceOf: PatchRejectedError });
  t.is(error.message, '0001-two.patch does not apply: hunk 2 of mm/swap.c (@@ -7,3 +7,3 @@ a function)');
  t.is(error.exitCode, 6);
  t.regex(await readFile(laid.file('mm/swap.c'), 'utf8'), /TWO[^]*EIGHT/);
});

test('a patch for a file that is not there says so', async (t) => {
  const laid = await tree(t, {});
  await laid.define({ '0001-gone.patch': PATCH_TWO.replaceAll('mm/swap.c', 'mm/gone.c') });
  const error = await t.throwsAsync(laid.lay(), { instanceOf: PatchRejectedError });
  t.is(error.message, '0001-gone.patch does not apply: mm/gone.c: does not exist in index');
});

test('what is no patch at all says so', async (t) => {
  const laid = await tree(t, {});
  await laid.define({ '0001-empty.patch': 'Subject: nothing\n' });
  await t.throwsAsync(laid.lay(), { instanceOf: PatchRejectedError, message: /No valid patches in input/ });
});

test('edits are built as they are, with a warning, and have a hash of their own', async (t) => {
  const laid = await tree(t, SERIES);
  t.is(await laid.lay(), undefined);
  await appendFile(laid.file('mm/memory.c'), 'violet\n');
  const once = await laid.lay();
  t.regex(once?.tree ?? '', /^[0-9a-f]{40}$/);
  t.is((await laid.lay())?.sha256, once?.sha256);
  await appendFile(laid.file('mm/memory.c'), 'white\n');
  t.not((await laid.lay())?.sha256, once?.sha256);
  const notice = laid.project.events.find((event) => event.type === 'notice');
  t.regex(notice?.text ?? '', /has edits that are not in the series; .* M mm\/memory\.c$/);
});

test('a new file is an edit; what editors leave behind is not', async (t) => {
  const laid = await tree(t, SERIES);
  await writeFile(laid.file('mm/swap.c.orig'), 'litter');
  t.is(await treeEdits(laid.project.context, laid.place), undefined);
  await writeFile(laid.file('mm/elastic.c'), 'new');
  t.deepEqual((await treeEdits(laid.project.context, laid.place))?.uncommitted, ['?? mm/elastic.c']);
});

test('a new file is an edit though a .gitignore of the source hides it, and goes into the hash', async (t) => {
  const laid = await tree(t, SERIES);
  await writeFile(laid.file('.gitignore'), '/*\n');
  await laid.git.ask(['add', '--force', '.gitignore']);
  await writeFile(laid.file('mm/elastic.c'), 'new');
  const { context } = laid.project;
  t.deepEqual((await treeEdits(context, laid.place))?.uncommitted, ['A  .gitignore', '?? mm/elastic.c']);
  const edited = await laid.lay();
  t.is(await laid.git.ask(['show', `${edited?.tree ?? ''}:mm/elastic.c`]), 'new');
  await discardSeriesEdits(context, 'linux-test');
  t.is(await treeEdits(context, laid.place), undefined);
  t.regex(await laid.git.ask(['stash', 'show', '--patch']), /\+new/);
});

test('edits are never lost to a core that has changed', async (t) => {
  const laid = await tree(t, SERIES);
  await appendFile(laid.file('mm/memory.c'), 'violet\n');
  await laid.project.core({ 'mm/elastic.c': 'elastic\n' });
  const message = /kernel-patches\/elasticos\/core has changed$/;
  await t.throwsAsync(laid.lay(), { instanceOf: TreeEditedError, message });
  t.regex(await readFile(laid.file('mm/memory.c'), 'utf8'), /violet/);
});

test('edits are never lost to a series that has changed', async (t) => {
  const laid = await tree(t, SERIES);
  await appendFile(laid.file('mm/memory.c'), 'violet\n');
  await laid.define({ '0001-two.patch': PATCH_TWO });
  const error = await t.throwsAsync(laid.lay(), { instanceOf: TreeEditedError });
  t.regex(error.nextStep, /series export linux-test.*series discard linux-test/);
  t.deepEqual(error.excerpt, [' M mm/memory.c']);
  t.regex(await readFile(laid.file('mm/memory.c'), 'utf8'), /violet/);
});

test('edits are never lost to another source', async (t) => {
  const laid = await tree(t, SERIES);
  await laid.git.ask(['rm', '--quiet', 'mm/memory.c']);
  const { context, write } = laid.project;
  const other = await write('other', { ...TINY_KERNEL, 'mm/new.c': 'new\n' });
  const pristine = await importFolder(laid.git, laid.place, other, undefined, SILENT);
  const laying = layTree(context, {
    ...laid,
    pristine,
    changes: NOTHING,
    edits: await treeEdits(context, laid.place),
    stage: SILENT,
  });
  await t.throwsAsync(laying, { instanceOf: TreeEditedError, message: /its source has changed$/ });
});

test('another source rewrites only what differs in it', async (t) => {
  const laid = await tree(t, {});
  await age(laid);
  const { context, write } = laid.project;
  const other = await write('other', { ...TINY_KERNEL, 'mm/memory.c': 'cyan\n' });
  const pristine = await importFolder(laid.git, laid.place, other, undefined, SILENT);
  await layTree(context, { ...laid, pristine, changes: NOTHING, edits: undefined, stage: SILENT });
  t.is(await readFile(laid.file('mm/memory.c'), 'utf8'), 'cyan\n');
  t.true(await isOld(laid, 'mm/swap.c'));
});

test('discarded edits are in the stash, commits in the reflog', async (t) => {
  const laid = await tree(t, SERIES);
  await appendFile(laid.file('mm/memory.c'), 'violet\n');
  await laid.git.ask(['commit', '--quiet', '--all', '--message', 'mm: add violet']);
  await appendFile(laid.file('mm/memory.c'), 'white\n');
  const edits = await discardSeriesEdits(laid.project.context, 'linux-test');
  t.regex(edits?.commits[0] ?? '', /mm: add violet$/);
  t.is(await treeEdits(laid.project.context, laid.place), undefined);
  t.regex(await laid.git.ask(['stash', 'show', '--patch']), /\+white/);
  t.regex(await laid.git.ask(['reflog', '--format=%gs %s']), /mm: add violet/);
});

test('a checkout that was killed half-way is finished, not taken for edits', async (t) => {
  const laid = await tree(t, SERIES);
  const record = JSON.parse(await readFile(laid.place.applied, 'utf8')) as object;
  await writeFile(laid.place.applied, JSON.stringify({ ...record, settled: false }));
  await writeFile(join(laid.place.source, '.git', 'index.lock'), '');
  await writeFile(laid.file('mm/swap.c'), 'half of i');
  await rm(laid.file('mm/memory.c'));
  await laid.lay();
  t.regex(await readFile(laid.file('mm/swap.c'), 'utf8'), /TWO[^]*EIGHT/);
  t.is(await readFile(laid.file('mm/memory.c'), 'utf8'), 'red\ngreen\nblue\n');
});

test("a user's and a machine's git settings make no difference", async (t) => {
  const { project } = await tree(t, {});
  await mkdir(join(project.root, 'home'));
  await writeFile(join(project.root, 'home', '.gitconfig'), '[core]\n\tautocrlf = true\n');
  const git = gitIn(project.context, project.root, { HOME: join(project.root, 'home') });
  t.is((await git.run(['config', '--get', 'core.autocrlf'])).code, 1);
});
