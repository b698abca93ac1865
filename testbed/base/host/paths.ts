// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
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
  const home = given(environment, 'HOME') ?? userInfo().homedir;
  const place = (own: string, xdg: string, fallback: string): string =>
    given(environment, own) ?? join(absolute(environment, xdg) ?? fallback, NAME);
  const project = projectRoot();
  return {
    project,
    cache: place('TESTBED_CACHE', 'XDG_CACHE_HOME', join(home, '.cache')),
    state: place('TESTBED_STATE', 'XDG_STATE_HOME', join(home, '.local', 'state')),
    runtime: given(environment, 'TESTBED_RUNTIME') ?? runtimeFolder(environment),
    results: given(environment, 'TESTBED_RESULTS') ?? join(project, 'results'),
  };
}

/** A variable of the environment; one that is empty counts as unset. */
function given(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name];
  return value === '' ? undefined : value;
}

/** A base directory. A relative path is ignored, as the XDG base directory specification says. */
function absolute(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const path = given(environment, name);
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/** Bytes of a socket's path, of which the last of the 108 in sockaddr_un is for the NUL (unix(7)). */
export const MOST_SOCKET_BYTES = 107;

/** Bytes that a name of 32 letters, the owner's digits and a socket's name may need in addition (see registry.ts). */
const SOCKET_ROOM = 60;

/** In the user's own folder for such files, or the folder for temporary files; in /tmp where both are too long. */
function runtimeFolder(environment: NodeJS.ProcessEnv): string {
  const name = `${NAME}-${String(process.getuid?.() ?? 0)}`;
  const places = [absolute(environment, 'XDG_RUNTIME_DIR'), absolute(environment, 'TMPDIR'), '/tmp'];
  const short = places.find(
    (place) => place !== undefined && Buffer.byteLength(join(place, name)) + SOCKET_ROOM <= MOST_SOCKET_BYTES,
  );
  return join(short ?? '/tmp', name);
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
