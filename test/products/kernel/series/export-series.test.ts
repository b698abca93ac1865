// SPDX-License-Identifier: MIT
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { SeriesExportError } from '../../../../testbed/products/kernel/line/errors.js';
import { exportSeries } from '../../../../testbed/products/kernel/series/export-series.js';
import { giveSource } from '../../../../testbed/products/kernel/source/given-source.js';
import type { Git } from '../../../../testbed/products/kernel/line/git.js';
import { layTree } from '../../../../testbed/products/kernel/source/lay-tree.js';
import { treePlace } from '../../../../testbed/products/kernel/line/place.js';
import { importFolder } from '../../../../testbed/products/kernel/source/pristine.js';
import { readChanges, readSeries } from '../../../../testbed/products/kernel/series/series.js';
import { sourceFolder } from '../../../../testbed/products/kernel/source-folder.js';
import { openSourceTree, treeEdits } from '../../../../testbed/products/kernel/series/source-tree.js';
import { PATCH_EIGHT, PATCH_TWO, SILENT, testProject, TINY_KERNEL, type TestProject } from '../project.js';

interface Exported {
  readonly project: TestProject;
  readonly git: Git;
  readonly source: string;
  readonly folder: string;
  readonly pristine: string;
}

const CORE_FILE = 'mm/elastic.c';

/** A source tree with a core of one file and two patches, laid and not edited. */
async function laidTree(t: ExecutionContext): Promise<Exported> {
  const project = await testProject(t);
  await project.core({ [CORE_FILE]: 'elastic\n' });
  const line = await project.line({}, { '0001-two.patch': PATCH_TWO, 'nine-eight.patch': PATCH_EIGHT });
  const place = treePlace(project.context.paths, line.id);
  const git = await openSourceTree(project.context, place);
  const pristine = await importFolder(
    git,
    place,
    await project.write('given', TINY_KERNEL),
    undefined,
    SILENT,
  );
  const changes = await readChanges(project.context.paths, line);
  await layTree(project.context, { git, place, pristine, changes, edits: undefined, stage: SILENT });
  return { project, git, source: place.source, folder: line.folder, pristine: pristine.commit };
}

async function commitLine(tree: Exported, file: string, text: string, message: string): Promise<void> {
  await appendFile(join(tree.source, file), text);
  await tree.git.ask(['commit', '--quiet', '--all', '--message', message]);
}

async function coreText(tree: Exported): Promise<string> {
  const core = join(tree.project.root, 'kernel-patches', 'elasticos', 'core');
  return await readFile(join(core, CORE_FILE), 'utf8');
}

async function patchText(tree: Exported, name: string): Promise<string> {
  return await readFile(join(tree.folder, 'patches', name), 'utf8');
}

test('an unedited tree exports to the same bytes', async (t) => {
  const tree = await laidTree(t);
  const changes = await exportSeries(tree.project.context, 'linux-test');
  t.deepEqual(changes, {
    core: [],
    written: [],
    removed: [],
    unchanged: ['0001-two.patch', 'nine-eight.patch'],
  });
  t.is(await patchText(tree, '0001-two.patch'), PATCH_TWO);
});

test('a new commit becomes a new patch at the end, and the tree is no longer edited', async (t) => {
  const tree = await laidTree(t);
  await commitLine(tree, 'mm/memory.c', 'violet\n', 'mm: add violet\n\nThe rainbow wants it.');
  const changes = await exportSeries(tree.project.context, 'linux-test');
  t.deepEqual(changes.written, ['0003-mm-add-violet.patch']);
  const text = await patchText(tree, '0003-mm-add-violet.patch');
  t.regex(
    text,
    /^From 0{40} [^]*Subject: \[PATCH\] mm: add violet\n\nThe rainbow wants it\.\n---\n[^]*\+violet\n$/,
  );
  const { context } = tree.project;
  t.is(await treeEdits(context, treePlace(context.paths, 'linux-test')), undefined);
});

test('what was exported applies again, to the same tree', async (t) => {
  const tree = await laidTree(t);
  await commitLine(tree, 'mm/memory.c', 'violet\n', 'mm: add violet');
  await exportSeries(tree.project.context, 'linux-test');
  const before = await tree.git.ask(['rev-parse', 'HEAD^{tree}']);
  const other = await testProject(t);
  await other.core({ [CORE_FILE]: await coreText(tree) });
  const patches: Record<string, string> = {};
  for (const { name, text } of await readSeries(tree)) patches[name] = text;
  const line = await other.line({}, patches);
  const place = treePlace(other.context.paths, line.id);
  const git = await openSourceTree(other.context, place);
  const pristine = await importFolder(git, place, await other.write('given', TINY_KERNEL), undefined, SILENT);
  const changes = await readChanges(other.context.paths, line);
  await layTree(other.context, { git, place, pristine, changes, edits: undefined, stage: SILENT });
  t.is(await git.ask(['rev-parse', 'HEAD^{tree}']), before);
});

test('a commit that was amended keeps its file name, and the others their bytes', async (t) => {
  const tree = await laidTree(t);
  await tree.git.ask(['reset', '--hard', '--quiet', 'HEAD~1']);
  await appendFile(join(tree.source, 'mm/memory.c'), 'violet\n');
  await tree.git.ask(['commit', '--quiet', '--all', '--amend', '--no-edit']);
  await tree.git.ask(['cherry-pick', 'HEAD@{2}']);
  const changes = await exportSeries(tree.project.context, 'linux-test');
  t.deepEqual(changes, {
    core: [],
    written: ['0001-two.patch'],
    removed: [],
    unchanged: ['nine-eight.patch'],
  });
  t.is(await patchText(tree, 'nine-eight.patch'), PATCH_EIGHT);
});

test('what was committed to a file of the core goes back to core/ and makes no patch', async (t) => {
  const tree = await laidTree(t);
  await commitLine(tree, CORE_FILE, 'and plastic\n', 'mm: let it be plastic');
  const changes = await exportSeries(tree.project.context, 'linux-test');
  t.deepEqual(changes, {
    core: [CORE_FILE],
    written: [],
    removed: [],
    unchanged: ['0001-two.patch', 'nine-eight.patch'],
  });
  t.is(await coreText(tree), 'elastic\nand plastic\n');
  const { context } = tree.project;
  t.is(await treeEdits(context, treePlace(context.paths, 'linux-test')), undefined);
  const log = await tree.git.ask(['log', '--format=%s', `${tree.pristine}..HEAD`]);
  t.is(log, 'mm: say EIGHT\nmm: say TWO in capitals\nThe core of ElasticOS');
});

test('a commit to the core and to another file is taken apart', async (t) => {
  const tree = await laidTree(t);
  await appendFile(join(tree.source, CORE_FILE), 'and plastic\n');
  await commitLine(tree, 'mm/memory.c', 'violet\n', 'mm: add violet');
  const before = await tree.git.ask(['rev-parse', 'HEAD^{tree}']);
  const changes = await exportSeries(tree.project.context, 'linux-test');
  t.deepEqual([changes.core, changes.written], [[CORE_FILE], ['0003-mm-add-violet.patch']]);
  t.is(await coreText(tree), 'elastic\nand plastic\n');
  t.notRegex(await patchText(tree, '0003-mm-add-violet.patch'), /plastic|elastic/);
  t.is(await tree.git.ask(['rev-parse', 'HEAD^{tree}']), before);
});

test("a commit that amends a patch's with a change to the core leaves the patch its bytes", async (t) => {
  const tree = await laidTree(t);
  await appendFile(join(tree.source, CORE_FILE), 'and plastic\n');
  await tree.git.ask(['commit', '--quiet', '--all', '--amend', '--no-edit']);
  const changes = await exportSeries(tree.project.context, 'linux-test');
  t.deepEqual([changes.core, changes.written], [[CORE_FILE], []]);
  t.is(await patchText(tree, 'nine-eight.patch'), PATCH_EIGHT);
});

test('a file of the core that was removed is removed from core/', async (t) => {
  const tree = await laidTree(t);
  await tree.git.ask(['rm', '--quiet', CORE_FILE]);
  await tree.git.ask(['commit', '--quiet', '--message', 'mm: be rigid']);
  const changes = await exportSeries(tree.project.context, 'linux-test');
  t.deepEqual([changes.core, changes.written], [[CORE_FILE], []]);
  await t.throwsAsync(coreText(tree), { code: 'ENOENT' });
});

test('a tree that was made from another core is not exported over the one that is there', async (t) => {
  const tree = await laidTree(t);
  await commitLine(tree, CORE_FILE, 'and plastic\n', 'mm: let it be plastic');
  await tree.project.core({ [CORE_FILE]: 'somebody was here\n' });
  await t.throwsAsync(exportSeries(tree.project.context, 'linux-test'), {
    instanceOf: SeriesExportError,
    message: /kernel-patches\/ has changed since it was laid out$/,
  });
  t.is(await coreText(tree), 'somebody was here\n');
});

test('a commit that was dropped takes its patch with it', async (t) => {
  const tree = await laidTree(t);
  await tree.git.ask(['reset', '--hard', '--quiet', 'HEAD~1']);
  const changes = await exportSeries(tree.project.context, 'linux-test');
  t.deepEqual(changes.removed, ['nine-eight.patch']);
  t.deepEqual(await readdir(join(tree.folder, 'patches')), ['0001-two.patch']);
  t.is(await readFile(join(tree.folder, 'series'), 'utf8'), '0001-two.patch\n');
});

test('exporting twice changes nothing the second time', async (t) => {
  const tree = await laidTree(t);
  await commitLine(tree, 'mm/memory.c', 'violet\n', 'mm: add violet');
  await exportSeries(tree.project.context, 'linux-test');
  t.deepEqual((await exportSeries(tree.project.context, 'linux-test')).written, []);
});

test('what is not committed is not exported, and says how to commit it', async (t) => {
  const tree = await laidTree(t);
  await appendFile(join(tree.source, 'mm/memory.c'), 'violet\n');
  const error = await t.throwsAsync(exportSeries(tree.project.context, 'linux-test'), {
    instanceOf: SeriesExportError,
  });
  t.regex(error.nextStep, /git -C .*source commit$/);
});

test('a history with merges is no series', async (t) => {
  const tree = await laidTree(t);
  await tree.git.ask(['checkout', '--quiet', '-b', 'side', 'HEAD~1']);
  await commitLine(tree, 'mm/memory.c', 'violet\n', 'mm: add violet');
  await tree.git.ask(['merge', '--quiet', '--no-edit', 'patched']);
  await t.throwsAsync(exportSeries(tree.project.context, 'linux-test'), {
    instanceOf: SeriesExportError,
    message: /has merges/,
  });
});

test('a tree that was made from another series is not exported over the one that is there', async (t) => {
  const tree = await laidTree(t);
  await commitLine(tree, 'mm/memory.c', 'violet\n', 'mm: add violet');
  await tree.project.write('kernel-patches/linux-test', { series: '0001-two.patch\n' });
  await t.throwsAsync(exportSeries(tree.project.context, 'linux-test'), {
    instanceOf: SeriesExportError,
    message: /kernel-patches\/ has changed since it was laid out$/,
  });
});

test('the folder to edit in is brought to what kernel-patches/ says, unless it has edits', async (t) => {
  const tree = await laidTree(t);
  const { context, write, root } = tree.project;
  await giveSource(context, 'linux-test', join(root, 'given'));
  await write('kernel-patches/linux-test', { series: '0001-two.patch\n' });
  const folder = await sourceFolder(context, 'linux-test');
  t.notRegex(await readFile(join(folder, 'mm/swap.c'), 'utf8'), /EIGHT/);
  await appendFile(join(folder, 'mm/memory.c'), 'violet\n');
  await write('kernel-patches/linux-test', { series: '0001-two.patch\nnine-eight.patch\n' });
  await sourceFolder(context, 'linux-test');
  t.regex(await readFile(join(folder, 'mm/memory.c'), 'utf8'), /violet/);
});

test('without a tree there is nothing to export', async (t) => {
  const project = await testProject(t);
  await project.line({});
  await t.throwsAsync(exportSeries(project.context, 'linux-test'), { message: /is not there yet/ });
});
