// SPDX-License-Identifier: MIT
import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { projectRoot, systemPaths } from '../../testbed/base/host/paths.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { objectPlace, treePlace } from '../../testbed/products/kernel/line/place.js';
import type { StyleVerdict } from '../lint/c-style.js';
import { checkpatch, JUDGE, sparse } from '../lint/kernel-c.js';
import { kernelsAtHand } from './kernels-at-hand.js';

const tree = treePlace(systemPaths(), JUDGE);
const { objects } = objectPlace(tree, 'release');
const judge = kernelsAtHand('release').find(({ line }) => line === JUDGE);
const reason = judge === undefined ? `${JUDGE} is not built` : judge.missing;
const declare = reason === undefined ? test.serial : test.serial.skip;
const because = reason === undefined ? '' : ` (${reason})`;

declare(`checkpatch has nothing to say about C of the kernel${because}`, async (t) => {
  const verdict = await checkpatch(systemProcesses, projectRoot(), tree.source);
  t.deepEqual(faults(verdict), []);
});

declare(`checkpatch names the file and the line${because}`, async (t) => {
  const project = await copyOfModule(t);
  await appendFile(join(project.folder, 'hot.c'), '\nstatic int eos_wrong(void) {\n\treturn 0;\n}\n');
  const verdict = await checkpatch(systemProcesses, project.root, tree.source);
  t.regex(faults(verdict)[0] ?? '', /^kernel-patches\/elasticos\/hot\.c:\d+: ERROR:/);
});

declare(
  `sparse finds every lock of the module and of the core released as it was taken${because}`,
  async (t) => {
    const elasticos = join(projectRoot(), 'kernel-patches', 'elasticos');
    const verdict = await sparse(systemProcesses, elasticos, objects);
    t.deepEqual(faults(verdict), []);
  },
);

declare(`sparse names a function that returns with a lock held${because}`, async (t) => {
  const { folder } = await copyOfModule(t);
  await appendFile(
    join(folder, 'hot.c'),
    '\nvoid eos_hot_wrong(struct eos_session *s);\nvoid eos_hot_wrong(struct eos_session *s)\n' +
      '{\n\tspin_lock(&s->request_lock);\n}\n',
  );
  const verdict = await sparse(systemProcesses, folder, objects);
  t.regex(faults(verdict)[0] ?? '', /^hot\.c:\d+:\d+: warning: context imbalance in 'eos_hot_wrong'/);
});

/** Why nothing was checked counts as a fault here: the kernel is built, and its suite installs the checkers. */
function faults(verdict: StyleVerdict): readonly string[] {
  return 'faults' in verdict ? verdict.faults : [verdict.skipped];
}

/** The module in a project of its own, which a test may spoil. */
async function copyOfModule(t: ExecutionContext): Promise<{ root: string; folder: string }> {
  const root = await mkdtemp(join(tmpdir(), 'testbed-kernel-c-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, 'kernel-patches', 'elasticos');
  await cp(join(projectRoot(), 'kernel-patches', 'elasticos'), folder, { recursive: true });
  return { root, folder };
}
