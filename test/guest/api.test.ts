// SPDX-License-Identifier: MIT
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  AlreadyUpError,
  DeadlineError,
  NotRunningError,
  RemoteCommandFailed,
  RemoteCommandSucceeded,
  Testbed,
  type TestbedNode,
  UnknownNodeError,
} from 'elasticos-testbed';
import { projectRoot, systemPaths } from '../../testbed/base/host/paths.js';
import { processStartTime } from '../../testbed/base/host/process-identity.js';
import { kernelsAtHand } from './kernels-at-hand.js';
import { Tool } from './tool.js';

const [kernel] = kernelsAtHand('release').filter(({ missing }) => missing === undefined);
const declare = kernel === undefined ? test.serial.skip : test.serial;
const line = kernel?.line ?? '';

declare('a testbed of a scope answers, and is gone with the scope', async (t) => {
  t.timeout(300_000);
  await using tool = await Tool.make();
  const testbed = new Testbed({ name: 'scoped', paths: systemPaths(tool.env) });
  const built = await testbed.build({ kernel: line });
  t.is(built.products.kernel.line, line);
  let supervisor = 0;
  {
    await using running = await built.up({ nodes: 1, memory: '128M' });
    supervisor = (await running.status()).supervisorPid;
    t.throws(() => running.node('node9'), {
      instanceOf: UnknownNodeError,
      message: 'there is no node node9',
    });
    await t.throwsAsync(testbed.up(), { instanceOf: AlreadyUpError });
    const node = running.node('node1');
    await answersAsItsVerbsSay(t, node);
    await waitsForEvidence(t, node);
    await copiesBothWays(t, node, tool.folder);
    await endsWhatIsAborted(t, node);
  }
  t.is(await processStartTime(supervisor), undefined);
  await t.throwsAsync(testbed.attach(), { instanceOf: NotRunningError });
});

declare('a detached testbed is found by its name, by programs and by the command line', async (t) => {
  t.timeout(300_000);
  await using tool = await Tool.make();
  const testbed = new Testbed({ name: 'kept', paths: systemPaths(tool.env) });
  {
    await using scoped = await testbed.up({ kernel: line, nodes: 1, memory: '128M' });
    const kept = await scoped.detach();
    t.deepEqual(
      kept.nodes.map(({ name }) => name),
      ['node1'],
    );
  }
  const attached = await testbed.attach();
  const byProgram = await attached.node('node1').succeed(['cat', '/proc/sys/kernel/hostname']);
  const byCommand = await tool.succeed(
    ...['exec', 'node1', '--name', 'kept', '--', 'cat', '/proc/sys/kernel/hostname'],
  );
  t.is(byProgram, byCommand.stdout);
  await attached.down();
  t.false(await testbed.isUp());
});

declare('a testbed of a program that is killed goes with it', async (t) => {
  t.timeout(300_000);
  await using tool = await Tool.make();
  const script = `
    import { Testbed } from 'elasticos-testbed';
    const running = await new Testbed({ name: 'orphan' }).up({ kernel: '${line}', nodes: 1, memory: '128M' });
    process.stdout.write(String((await running.status()).supervisorPid));
    process.kill(process.pid, 'SIGKILL');
  `;
  const { systemProcesses } = await import('../../testbed/base/process/system-processes.js');
  const { stdout, signal } = await systemProcesses.run(
    [process.execPath, '--input-type=module', '--eval', script],
    { cwd: projectRoot(), env: tool.env },
  );
  t.is(signal, 'SIGKILL');
  const testbed = new Testbed({ name: 'orphan', paths: systemPaths(tool.env) });
  t.true(Number(stdout) > 0);
  while ((await processStartTime(Number(stdout))) !== undefined)
    await new Promise((resolve) => setTimeout(resolve, 50));
  t.false(await testbed.isUp());
});

async function answersAsItsVerbsSay(t: ExecutionContext, node: TestbedNode): Promise<void> {
  t.like(await node.exec(['sh', '-c', 'echo out; echo err >&2; exit 3']), {
    code: 3,
    signal: undefined,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  t.is(await node.succeed(['cat'], { input: 'x'.repeat(100_000) }), 'x'.repeat(100_000));
  t.is(await node.succeed(['sh', '-c', 'echo $WHOM'], { env: { WHOM: 'tests' } }), 'tests\n');
  const failed = await t.throwsAsync(node.succeed(['sh', '-c', 'echo no room >&2; exit 3']), {
    instanceOf: RemoteCommandFailed,
  });
  t.deepEqual(failed.excerpt, ['no room']);
  t.is((await node.fail(['false'])).code, 1);
  await t.throwsAsync(node.fail(['true']), { instanceOf: RemoteCommandSucceeded });
}

async function waitsForEvidence(t: ExecutionContext, node: TestbedNode): Promise<void> {
  const later = node.exec(['sh', '-c', 'sleep 1; echo done >/tmp/evidence']);
  t.is(await node.waitUntilSucceeds(['cat', '/tmp/evidence']), 'done\n');
  await later;
  const gone = node.exec(['sh', '-c', 'sleep 1; rm /tmp/evidence']);
  t.not((await node.waitUntilFails(['test', '-e', '/tmp/evidence'])).code, 0);
  await gone;
  const late = await t.throwsAsync(node.waitUntilSucceeds(['cat', '/tmp/evidence'], { deadlineMs: 500 }), {
    instanceOf: DeadlineError,
  });
  t.regex(late.message, /^success of `cat \/tmp\/evidence` on node1 did not happen within/);
  t.regex(late.excerpt.join('\n'), /No such file/);
}

async function copiesBothWays(t: ExecutionContext, node: TestbedNode, folder: string): Promise<void> {
  const here = join(folder, 'tree');
  await mkdir(here);
  await writeFile(join(here, 'file'), 'content');
  await node.copyFromHost(here, '/root/tree');
  await node.copyToHost('/root/tree', join(folder, 'back'));
  t.is(await readFile(join(folder, 'back', 'file'), 'utf8'), 'content');
  await t.throwsAsync(node.copyToHost('/no/such', join(folder, 'none')), { code: 'E_TRANSFER' });
}

async function endsWhatIsAborted(t: ExecutionContext, node: TestbedNode): Promise<void> {
  const enough = new Error('enough');
  const abort = new AbortController();
  const running = node.exec(['sh', '-c', 'echo started; exec sleep 1000'], {
    signal: abort.signal,
    onStdout: () => {
      abort.abort(enough);
    },
  });
  t.is(await t.throwsAsync(running), enough);
  await node.waitUntilFails(['pgrep', 'sleep']);
}
