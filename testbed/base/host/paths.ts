// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where the testbed keeps things: the XDG base directories, each below `elasticos-testbed/`.
 * `TESTBED_CACHE`, `TESTBED_STATE`, `TESTBED_RUNTIME` and `TESTBED_RESULTS` name other places.
 */
export interface Paths {
  /** The checkout: kernel-patches/, images/, guests/, scenarios/ are below it. */
  readonly project: string;
  /** Downloads, source and object trees, products. All of it can be made again. */
  readonly cache: string;
  /** A folder per running testbed, remembered kernel sources, the accelerator's probe. */
  readonly state: string;
  /** Unix sockets; short, since a socket's path has at most 107 bytes. */
  readonly runtime: string;
  /** A folder for each run; `results/` of the checkout. */
  readonly results: string;
}

const NAME = 'elasticos-testbed';

export function systemPaths(environment: NodeJS.ProcessEnv = process.env): Paths {
  const home = environment['HOME'] ?? homedir();
  const place = (own: string, xdg: string, fallback: string): string =>
    environment[own] ?? join(environment[xdg] ?? fallback, NAME);
  const project = projectRoot();
  return {
    project,
    cache: place('TESTBED_CACHE', 'XDG_CACHE_HOME', join(home, '.cache')),
    state: place('TESTBED_STATE', 'XDG_STATE_HOME', join(home, '.local', 'state')),
    runtime:
      environment['TESTBED_RUNTIME'] ??
      join(environment['XDG_RUNTIME_DIR'] ?? tmpdir(), `${NAME}-${String(process.getuid?.() ?? 0)}`),
    results: environment['TESTBED_RESULTS'] ?? join(project, 'results'),
  };
}

/** The nearest folder above this module that has both package.json and kernel-patches/: compiled code lies in dist/. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'kernel-patches')) || !existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('no folder above the testbed has package.json and kernel-patches/');
    folder = parent;
  }
  return folder;
}
