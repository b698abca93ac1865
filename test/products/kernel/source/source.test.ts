// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import {
  GivenSourceError,
  SourceMissingError,
  SourceUnreachableError,
} from '../../../../testbed/products/kernel/line/errors.js';
import { hashFile, hashText } from '../../../../testbed/products/store/file-hash.js';
import { gitIn } from '../../../../testbed/products/kernel/line/git.js';
import {
  givenSource,
  giveSource,
  parseGivenSource,
} from '../../../../testbed/products/kernel/source/given-source.js';
import type { Line, LineDefinition } from '../../../../testbed/products/kernel/line/line.js';
import { treePlace } from '../../../../testbed/products/kernel/line/place.js';
import { findPristine, type Pristine } from '../../../../testbed/products/kernel/source/pristine.js';
import {
  identifySource,
  obtainSource,
  tarballUrl,
} from '../../../../testbed/products/kernel/source/source.js';
import { openSourceTree } from '../../../../testbed/products/kernel/series/source-tree.js';
import { DEAD_PORT } from '../../../base/dead-port.js';
import { SILENT, testProject, TINY_KERNEL, type TestProject } from '../project.js';

async function obtain(project: TestProject, line: Line, insist = true): Promise<Pristine> {
  const { context } = project;
  const place = treePlace(context.paths, line.id);
  const git = await openSourceTree(context, place);
  const source = await identifySource(context, line);
  return await obtainSource(context, { git, place, line, stage: SILENT }, source, { insist });
}

/** Paths in the source that was given, sorted. */
async function give(project: TestProject, where: string): Promise<readonly string[]> {
  const given = await giveSource(project.context, 'linux-test', where);
  const git = gitIn(project.context, treePlace(project.context.paths, 'linux-test').source);
  return (await git.ask(['ls-tree', '-r', '--name-only', given?.tree ?? ''])).split('\n');
}

async function repository(project: TestProject): Promise<string> {
  const folder = await project.write('linux', { ...TINY_KERNEL, '.gitignore': '*.o\n' });
  const git = gitIn(project.context, folder);
  await git.ask(['init', '--quiet']);
  await git.ask(['add', '--all']);
  await git.ask(['commit', '--quiet', '--message', 'one']);
  await git.ask(['tag', 'v1.2']);
  return folder;
}

async function tarball(project: TestProject): Promise<string> {
  await project.write('linux-1.2', TINY_KERNEL);
  const file = join(project.root, 'linux-1.2.tar.gz');
  await project.context.processes.succeed(['tar', '-czf', file, '-C', project.root, 'linux-1.2']);
  return file;
}

const FILES = ['Makefile', 'mm/memory.c', 'mm/swap.c'];

test('LINE=PATH is cut at the first equals sign', (t) => {
  t.deepEqual(parseGivenSource('linux-6.1=/a=b'), { line: 'linux-6.1', path: '/a=b' });
  t.throws(() => parseGivenSource('/just/a/path'), { instanceOf: GivenSourceError });
});

test('a directory is taken over as it is, and remembered with the hash of its tree', async (t) => {
  const project = await testProject(t);
  const line = await project.line({});
  t.deepEqual(await give(project, await project.write('given', TINY_KERNEL)), FILES);
  t.like(await givenSource(project.context.paths, line.id), {
    kind: 'directory',
    path: join(project.root, 'given'),
  });
  const source = await identifySource(project.context, line);
  t.regex(source.origin, /^given directory .*\/given \(tree [0-9a-f]{40}\)$/);
});

test('a source that was given outlives the original', async (t) => {
  const project = await testProject(t);
  const line = await project.line({});
  await give(project, await project.write('given', TINY_KERNEL));
  await rm(join(project.root, 'given'), { recursive: true });
  t.regex((await obtain(project, line)).commit, /^[0-9a-f]{40}$/);
});

test('when the cache was pruned it is taken from the original again, if that is what it was', async (t) => {
  const project = await testProject(t);
  const line = await project.line({});
  const folder = await project.write('given', TINY_KERNEL);
  await give(project, folder);
  await rm(project.context.paths.cache, { recursive: true });
  const again = await obtain(project, line);
  t.is((await givenSource(project.context.paths, line.id))?.tree, again.tree);
  await rm(project.context.paths.cache, { recursive: true });
  await appendFile(join(folder, 'Makefile'), '# changed\n');
  await t.throwsAsync(obtain(project, line), { instanceOf: GivenSourceError, message: /has changed since/ });
  await rm(folder, { recursive: true });
  await t.throwsAsync(obtain(project, line), { instanceOf: SourceMissingError, message: /is gone$/ });
});

test('a directory that was built in is refused', async (t) => {
  const project = await testProject(t);
  await project.line({});
  const folder = await project.write('given', { ...TINY_KERNEL, '.config': '' });
  const error = await t.throwsAsync(give(project, folder), { instanceOf: GivenSourceError });
  t.regex(error.nextStep, /make -C .*given mrproper/);
});

test("of a git work tree, changes and new files count, objects and deleted files don't", async (t) => {
  const project = await testProject(t);
  await project.line({});
  const folder = await repository(project);
  await writeFile(join(folder, 'mm/swap.o'), 'object');
  await writeFile(join(folder, 'mm/elastic.c'), 'new');
  await rm(join(folder, 'mm/memory.c'));
  t.deepEqual(await give(project, folder), ['.gitignore', 'Makefile', 'mm/elastic.c', 'mm/swap.c']);
});

test('REPOSITORY#REF takes what was committed, of a bare repository too', async (t) => {
  const project = await testProject(t);
  const line = await project.line({});
  const folder = await repository(project);
  await writeFile(join(folder, 'mm/elastic.c'), 'new');
  t.deepEqual(await give(project, `${folder}#v1.2`), ['.gitignore', ...FILES]);
  t.regex((await identifySource(project.context, line)).origin, /^given git .*\/linux at v1\.2 \(tree /);
  const bare = join(project.root, 'linux.git');
  await gitIn(project.context, project.root).ask(['clone', '--quiet', '--bare', folder, bare]);
  t.deepEqual(await give(project, `${bare}#v1.2`), ['.gitignore', ...FILES]);
  await t.throwsAsync(give(project, `${folder}#v1.3`), {
    instanceOf: GivenSourceError,
    message: /has no v1\.3/,
  });
});

test('a tarball whose hash is the one of the definition is said to be verified', async (t) => {
  const project = await testProject(t);
  const file = await tarball(project);
  const source = {
    kind: 'tarball',
    url: 'http://127.0.0.1:9/x',
    sha256: await hashFile(file),
    strip: 1,
  } as const;
  const line = await project.line({ source });
  t.deepEqual(await give(project, file), FILES);
  t.regex((await identifySource(project.context, line)).origin, /^given tarball .* \(verified\)$/);
});

test('what is no kernel, no archive, or not there at all is refused', async (t) => {
  const project = await testProject(t);
  await project.line({});
  await project.write('letters', { 'dear.txt': 'hello' });
  const refused = { instanceOf: GivenSourceError };
  await t.throwsAsync(give(project, join(project.root, 'letters')), {
    ...refused,
    message: /no kernel source/,
  });
  await t.throwsAsync(give(project, join(project.root, 'letters/dear.txt')), {
    ...refused,
    message: /cannot be unpacked/,
  });
  await t.throwsAsync(give(project, join(project.root, 'nowhere')), {
    ...refused,
    message: /does not exist/,
  });
});

test('`default` goes back to what the definition names', async (t) => {
  const project = await testProject(t);
  const line = await project.line({});
  await give(project, await project.write('given', TINY_KERNEL));
  await giveSource(project.context, line.id, 'default');
  t.is((await identifySource(project.context, line)).origin, 'http://127.0.0.1:9/linux-test.tar');
});

test("a Debian package's tarball is identified by its hash, which is read once", async (t) => {
  const project = await testProject(t);
  const file = await tarball(project);
  const source = { kind: 'debian-package', package: 'no-such-package', path: file, strip: 1 } as const;
  const line = await project.line({ source });
  const sha256 = await hashFile(file);
  t.like(await identifySource(project.context, line), { sha256 });
  t.is((await obtain(project, line)).sha256, sha256);
  await rm(file);
  const error = await t.throwsAsync(identifySource(project.context, line), {
    instanceOf: SourceMissingError,
  });
  t.regex(error.nextStep, /apt-get install .* no-such-package$/);
  t.false(error.offline);
});

/** The definition's source at a port where nobody listens. */
const UNREACHABLE: LineDefinition['source'] = {
  kind: 'tarball',
  url: `http://127.0.0.1:${DEAD_PORT}/linux-1.2.tar`,
  sha256: '0'.repeat(64),
  strip: 1,
};

test('a tarball is downloaded, verified and unpacked once', async (t) => {
  const project = await testProject(t);
  const content = await readFile(await tarball(project));
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(200, { 'content-length': content.length }).end(content);
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/linux-1.2.tar.gz`;
  const line = await project.line({ source: { kind: 'tarball', url, sha256: hashText(content), strip: 1 } });
  const first = await obtain(project, line);
  t.is(first.sha256, hashText(content));
  t.deepEqual(await obtain(project, line), first);
  t.is(requests, 1);
});

test('--offline forbids a download, and what is in the cache already does not need one', async (t) => {
  const project = await testProject(t, true);
  const file = await tarball(project);
  const url = 'http://127.0.0.1:9/linux-1.2.tar.gz';
  const source = { kind: 'tarball', url, sha256: await hashFile(file), strip: 1 } as const;
  const line = await project.line({ source });
  const error = await t.throwsAsync(obtain(project, line), { instanceOf: SourceMissingError });
  t.true(error.offline);
  const downloads = join(project.context.paths.cache, 'downloads');
  await mkdir(downloads);
  await project.context.processes.succeed(['cp', file, downloads]);
  t.is((await obtain(project, line)).sha256, source.sha256);
});

test('a host that could not be reached is not tried again within the hour, unless the line is pinned', async (t) => {
  const project = await testProject(t);
  const line = await project.line({ source: UNREACHABLE });
  const tried = await t.throwsAsync(obtain(project, line, false), { instanceOf: SourceUnreachableError });
  t.notRegex(tried.reason, /tried at/);
  const remembered = await t.throwsAsync(obtain(project, line, false), {
    instanceOf: SourceUnreachableError,
  });
  t.regex(remembered.reason, /ECONNREFUSED.* \(tried at 2/);
  const again = await t.throwsAsync(obtain(project, line, true), { instanceOf: SourceUnreachableError });
  t.notRegex(again.reason, /tried at/);
});

test('TESTBED_KERNEL_MIRROR names another folder for tarballs', (t) => {
  const url = 'https://cdn.kernel.org/pub/linux/kernel/v2.6/linux-2.6.38.8.tar.xz';
  const source = { kind: 'tarball', url, sha256: '', strip: 1 } as const;
  t.is(tarballUrl(source, {}).href, url);
  for (const mirror of ['http://10.0.0.1:80/kernels', 'http://10.0.0.1/kernels/']) {
    t.is(
      tarballUrl(source, { TESTBED_KERNEL_MIRROR: mirror }).href,
      'http://10.0.0.1/kernels/linux-2.6.38.8.tar.xz',
    );
  }
  t.throws(() => tarballUrl(source, { TESTBED_KERNEL_MIRROR: '10.0.0.1' }), { instanceOf: GivenSourceError });
});

test('the same files have the same hash, as a directory and at a git ref', async (t) => {
  const project = await testProject(t);
  const line = await project.line({});
  const place = treePlace(project.context.paths, line.id);
  const folder = await repository(project);
  const one = await giveSource(project.context, line.id, folder);
  const two = await giveSource(project.context, line.id, `${folder}#v1.2`);
  t.is(one?.sha256, two?.sha256);
  t.not(await findPristine(gitIn(project.context, place.source), one?.sha256 ?? ''), undefined);
});
