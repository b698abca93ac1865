// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot, systemPaths } from '../../testbed/base/host/paths.js';
import { givenSourcesFile } from '../../testbed/products/kernel/source/given-source.js';
import type { Finished, RunningProcess, RunOptions } from '../../testbed/base/process/process-runner.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';

/**
 * The tool as a user types it, with state of its own: tests touch neither the user's testbeds nor each other's. The cache
 * is the user's, since kernels are in it. Disposal brings down what is still up.
 */
export class Tool implements AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;

  private constructor(
    readonly folder: string,
    extra: Readonly<Record<string, string>>,
    /** Aborting it ends every command that runs, and refuses others; disposal still does all that it has to. */
    readonly signal: AbortSignal,
    /** Waits for the end of this process. */
    readonly watchman: RunningProcess,
  ) {
    this.env = {
      CI: 'true',
      // Deadlines only bound a wait for evidence; a busy machine must not fail a test that would pass.
      TESTBED_PATIENCE: '3',
      TESTBED_STATE: join(folder, 'state'),
      TESTBED_RUNTIME: join(folder, 'run'),
      ...extra,
    };
  }

  /** @param extra more variables, such as TESTBED_PATIENCE */
  static async make(
    extra: Readonly<Record<string, string>> = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Tool> {
    const folder = await mkdtemp(join(tmpdir(), 'tb-'));
    const tool = new Tool(folder, extra, signal, await watchmanFor(folder));
    // The user's kernels, of the sources that the user gave for them.
    const user = givenSourcesFile(systemPaths());
    if (existsSync(user)) await cp(user, givenSourcesFile({ state: join(tool.folder, 'state') }));
    return tool;
  }

  /** `npx testbed ARGUMENT...`, without npx. */
  async run(arguments_: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return await systemProcesses.run(this.#argv(arguments_), {
      ...this.#interruptible,
      ...options,
      env: { ...this.env, ...options.env },
    });
  }

  /** As {@link run}, for what has to succeed. */
  async succeed(...arguments_: readonly string[]): Promise<Finished> {
    return await systemProcesses.succeed(this.#argv(arguments_), { env: this.env, ...this.#interruptible });
  }

  /** The answer of a command with --json. */
  async json<T>(...arguments_: readonly string[]): Promise<T> {
    return JSON.parse((await this.succeed(...arguments_, '--json')).stdout) as T;
  }

  /** A command that goes on beside the test. */
  async start(...arguments_: readonly string[]): Promise<RunningProcess> {
    this.signal.throwIfAborted();
    const command = await systemProcesses.start(this.#argv(arguments_), {
      stdio: ['ignore', 'pipe', 'pipe'],
      orphan: 'dies',
      env: this.env,
    });
    const end = (): void => {
      command.kill('SIGTERM');
    };
    this.signal.addEventListener('abort', end, { once: true });
    void command.exited.then(() => {
      this.signal.removeEventListener('abort', end);
    });
    return command;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const list = await this.#clear('list', '--json');
    for (const { name } of JSON.parse(list.stdout || '[]') as { name: string }[]) {
      await this.#clear('down', '--name', name);
    }
    await rm(this.folder, { recursive: true, force: true });
    this.watchman.stdin?.end('all is cleared\n');
    await this.watchman[Symbol.asyncDispose]();
  }

  /** A command has things of its own to put in order. */
  get #interruptible(): Pick<RunOptions, 'signal' | 'endedBy'> {
    return { signal: this.signal, endedBy: 'SIGTERM' };
  }

  /** A command that is run although all others have been told to end. */
  async #clear(...arguments_: readonly string[]): Promise<Finished> {
    return await systemProcesses.run(this.#argv(arguments_), { env: this.env });
  }

  #argv(arguments_: readonly string[]): [string, ...string[]] {
    return [process.execPath, join(projectRoot(), 'testbed', 'cli', 'launch.mjs'), ...arguments_];
  }
}

/**
 * A testbed that is up outlives the command that brought it up, and would outlive us when we are killed. So a process that
 * we hold a pipe to waits: when the pipe closes without a word, it clears what there is in our stead.
 */
async function watchmanFor(folder: string): Promise<RunningProcess> {
  const clear = fileURLToPath(new URL('clear-behind.js', import.meta.url));
  const script = 'read -r line && exit; exec "$@"';
  const watchman = await systemProcesses.start(['sh', '-c', script, 'sh', process.execPath, clear, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    orphan: 'survives',
  });
  watchman.stdin?.on('error', () => undefined);
  watchman.unref();
  return watchman;
}
