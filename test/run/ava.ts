// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Clock } from '../../testbed/base/clock/clock.js';
import { systemProcesses } from '../../testbed/base/process/system-processes.js';
import { TapReader, type Tally } from './tally.js';

/** What ava says at the end of files without a test that --match asks for; its status is that of a failure. */
const NONE = '# tests 0';

export interface AvaSettings {
  /** Of the project. */
  readonly root: string;
  readonly tally: Tally;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  /** More variables for the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface AvaRun {
  /** Patterns of titles; all tests when there is none. */
  readonly matches: readonly string[];
  /** What titles begin with in what is said. */
  readonly prefix?: string;
  /** One test at a time, and each may take twenty minutes. */
  readonly oneByOne?: boolean;
}

/** Runs tests with ava and counts them. */
export class Ava {
  readonly #settings: AvaSettings;

  constructor(settings: AvaSettings) {
    this.#settings = settings;
  }

  /** @param files patterns, relative to the project */
  async run(files: readonly string[], { matches, prefix, oneByOne = false }: AvaRun): Promise<void> {
    const { root, tally, clock, say, env = {} } = this.#settings;
    const program = join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');
    const slow = oneByOne ? ['--concurrency', '1', '--timeout', '20m'] : [];
    const only = matches.map((match) => `--match=${match}`);
    await using process_ = await systemProcesses.start(
      [process.execPath, program, '--tap', ...slow, ...only, ...files],
      { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], orphan: 'dies', env },
    );
    const reader = new TapReader(tally, clock, prefix);
    let isEmpty = false;
    if (process_.stdout !== undefined) {
      for await (const line of createInterface({ input: process_.stdout })) {
        isEmpty ||= matches.length > 0 && line === NONE;
        const shown = reader.take(line);
        if (shown !== undefined) say(shown);
      }
    }
    const exit = await process_.exited;
    // A file that crashes, or in which no test was found, shows in the status only.
    if (exit.code !== 0 && !reader.failed && !isEmpty)
      tally.fail(`${prefix ?? ''}the tests ended with status ${String(exit.code)}`);
  }
}
