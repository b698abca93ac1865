// SPDX-License-Identifier: MIT
import type { Session } from '../command/command.js';
import { plainLines } from './plain-lines.js';
import { openTree, type Branch } from './tree.js';

/** Runs `body` while its stages are shown: as a tree on a terminal, as lines elsewhere. */
export async function withView<T>(
  session: Session,
  branches: readonly Branch[],
  body: () => Promise<T>,
): Promise<T> {
  return session.output.terminal ? await withTree(session, branches, body) : await withLines(session, body);
}

async function withLines<T>(session: Session, body: () => Promise<T>): Promise<T> {
  const unsubscribe = session.subscribe(
    plainLines((line) => {
      session.output.remark(line);
    }),
  );
  try {
    return await body();
  } finally {
    unsubscribe();
  }
}

async function withTree<T>(
  session: Session,
  branches: readonly Branch[],
  body: () => Promise<T>,
): Promise<T> {
  const tree = await openTree(branches, () => session.context.clock.now());
  const unsubscribe = session.subscribe(tree.sink);
  try {
    const answer = await body();
    await tree.close(undefined);
    return answer;
  } catch (thrown) {
    await tree.close(thrown instanceof Error ? thrown : new Error(String(thrown)));
    throw thrown;
  } finally {
    unsubscribe();
  }
}
