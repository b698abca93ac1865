// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import type { Paths } from '../../../base/host/paths.js';
import type { LineId, Variant } from './kernel-product.js';

/**
 * Where a line's trees are. The places never change, since make recompiles a whole tree that has moved. Both variants
 * share the source tree; each has an object tree of its own.
 */
export interface TreePlace {
  readonly line: LineId;
  readonly root: string;
  /** A git repository: the pristine source, and a commit for each patch. */
  readonly source: string;
  /** Held by the process that changes anything below `root`. */
  readonly lock: string;
  /** What the source tree was last brought to: see AppliedSeries. */
  readonly applied: string;
  /** For temporary files of the process that has the lock. */
  readonly scratch: string;
}

export interface ObjectPlace {
  /** make's O= */
  readonly objects: string;
  /** Copies of the out-of-tree modules' sources, with their objects. */
  readonly modules: string;
  /** Output of the last build. */
  readonly log: string;
  /** What the object tree was last built from: see ObjectRecord. */
  readonly record: string;
}

export function treePlace(paths: Pick<Paths, 'cache'>, line: LineId): TreePlace {
  const root = join(paths.cache, 'trees', line);
  return {
    line,
    root,
    source: join(root, 'source'),
    lock: join(root, 'lock'),
    applied: join(root, 'applied.json'),
    scratch: join(root, 'scratch'),
  };
}

export function objectPlace(tree: TreePlace, variant: Variant): ObjectPlace {
  return {
    objects: join(tree.root, variant),
    modules: join(tree.root, `${variant}-modules`),
    log: join(tree.root, `${variant}.log`),
    record: join(tree.root, `${variant}.json`),
  };
}
