// SPDX-License-Identifier: MIT
import test from 'ava';
import { ProgramFailedError, ProgramMissingError } from '../../../testbed/base/process/errors.js';
import { systemProcesses } from '../../../testbed/base/process/system-processes.js';
import { processStartTime } from '../../../testbed/base/host/process-identity.js';

test('a program runs to its end, whatever its status', async (t) => {
  const finished = await systemProcesses.run(['sh', '-c', 'echo out; echo err >&2; exit 3']);
  t.like(finished, { stdout: 'out\n', stderr: 'err\n', code: 3, signal: undefined });
});

test('the signal that ended a program is told', async (t) => {
  const finished = await systemProcesses.run(['sh', '-c', 'kill -TERM $$']);
  t.like(finished, { code: undefined, signal: 'SIGTERM' });
});

test('succeed throws on another status, with what the program said last', async (t) => {
  const error = await t.throwsAsync(systemProcesses.succeed(['sh', '-c', 'echo no space left >&2; exit 1']), {
    instanceOf: ProgramFailedError,
  });
  t.deepEqual(error.excerpt, ['no space left']);
});

test('a program that is not there is an error of its own', async (t) => {
  await t.throwsAsync(systemProcesses.run(['no-such-program']), { instanceOf: ProgramMissingError });
  await t.throwsAsync(systemProcesses.start(['no-such-program'], { orphan: 'survives' }), {
    instanceOf: ProgramMissingError,
  });
});

test('lines come as they are written', async (t) => {
  const lines: string[] = [];
  await systemProcesses.run(['sh', '-c', 'echo one; printf two'], {
    onLine: (line) => void lines.push(line),
  });
  t.deepEqual(lines, ['one', 'two']);
});

test('an abort kills the whole group, grandchildren too', async (t) => {
  const controller = new AbortController();
  let grandchild = 0;
  const running = systemProcesses.run(['sh', '-c', 'sleep 1000 & echo $!; wait'], {
    signal: controller.signal,
    onLine: (line) => {
      grandchild = Number(line);
      controller.abort(new Error('enough'));
    },
  });
  await t.throwsAsync(running, { message: 'enough' });
  t.is(await processStartTime(grandchild), undefined);
});

test('an abort can leave a program time to put things in order, and waits for it', async (t) => {
  const controller = new AbortController();
  const lines: string[] = [];
  const running = systemProcesses.run(['sh', '-c', 'trap "echo tidy; exit 1" TERM; echo busy; sleep 1000'], {
    signal: controller.signal,
    endedBy: 'SIGTERM',
    onLine: (line, stream) => {
      if (stream === 'stdout') lines.push(line);
      controller.abort(new Error('enough'));
    },
  });
  await t.throwsAsync(running, { message: 'enough' });
  t.deepEqual(lines, ['busy', 'tidy']);
});

test('a started process that dies with us is killed when its parent is', async (t) => {
  // The parent is a node that starts `sleep` as the testbed starts QEMU, tells its pid, and is then killed.
  const script = `
    import { systemProcesses } from ${JSON.stringify(new URL('../../../testbed/base/process/system-processes.js', import.meta.url).href)};
    const child = await systemProcesses.start(['sleep', '1000'], { orphan: 'dies' });
    console.log(child.pid);
    setInterval(() => undefined, 1000);
  `;
  await using parent = await systemProcesses.start(
    [process.execPath, '--input-type=module', '--eval', script],
    { orphan: 'dies' },
  );
  const pid = await new Promise<number>((resolve) => {
    parent.stdout?.once('data', (chunk: Buffer) => {
      resolve(Number(chunk.toString()));
    });
  });
  t.not(await processStartTime(pid), undefined);
  parent.kill('SIGKILL');
  await parent.exited;
  for (let turn = 0; turn < 200 && (await processStartTime(pid)) !== undefined; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.is(await processStartTime(pid), undefined);
});

test('a process that was let go of does not keep ours from ending', async (t) => {
  const module = new URL('../../../testbed/base/process/system-processes.js', import.meta.url).href;
  const script = `
    const { systemProcesses } = await import(${JSON.stringify(module)});
    const child = await systemProcesses.start(['sleep', '1000'], { stdio: ['pipe', 'pipe', 'pipe'], orphan: 'dies' });
    child.unref();
    console.log(child.pid);
  `;
  const { stdout, code } = await systemProcesses.run(
    [process.execPath, '--input-type=module', '--eval', script],
    { signal: AbortSignal.timeout(20_000) },
  );
  t.is(code, 0);
  t.true(Number(stdout) > 0);
});
