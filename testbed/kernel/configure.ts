// SPDX-License-Identifier: MIT
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stage } from '../event/stage.js';
import type { Context } from '../host/context.js';
import { ConfigSymbolError } from './errors.js';
import { fragmentText, mergeFragments, mismatches, parseConfig, type Fragment } from './fragment.js';
import type { Line } from './line.js';
import { make, type Workshop } from './make.js';
import type { Variant } from './product.js';

/** What a line's variant wants of the configuration: `config`, and for debug `config.debug` laid over it. */
export async function wantedConfig(line: Pick<Line, 'folder'>, variant: Variant): Promise<Fragment> {
  const names = variant === 'debug' ? ['config', 'config.debug'] : ['config'];
  const texts = await Promise.all(names.map((name) => readFile(join(line.folder, name), 'utf8')));
  return mergeFragments(...texts.map(parseConfig));
}

/**
 * Makes the object tree's .config, and writes it only when it has changed: make takes a new one as a reason to look at
 * everything.
 * @throws ConfigSymbolError with every symbol that did not take
 */
export async function configure(
  context: Context,
  workshop: Workshop,
  wanted: Fragment,
  stage: Stage,
): Promise<void> {
  const { objects, log } = workshop.objects;
  const next = join(objects, '.config.next');
  const fragment = join(objects, '.config.fragment');
  await mkdir(objects, { recursive: true });
  await rm(log, { force: true });
  await rm(next, { force: true });
  await writeFile(fragment, fragmentText(wanted));
  await generate(context, workshop, { fragment, next }, stage);
  const text = await readFile(next, 'utf8');
  const wrong = mismatches(wanted, parseConfig(text));
  if (wrong.length > 0) throw new ConfigSymbolError(workshop.line.id, wrong, next);
  const current = join(objects, '.config');
  if ((await readFile(current, 'utf8').catch(() => '')) === text) stage.unchanged();
  else await copyFile(next, current);
}

/** Writes `next`, by the line's way of doing so. */
async function generate(
  context: Context,
  workshop: Workshop,
  files: { readonly fragment: string; readonly next: string },
  stage: Stage,
): Promise<void> {
  const { line } = workshop;
  const run = async (target: string, env: Readonly<Record<string, string>> = {}): Promise<void> => {
    const variables = { KCONFIG_CONFIG: files.next };
    await make(
      context,
      workshop,
      { what: `the configuration of ${line.id}`, targets: [target], variables, env },
      stage,
    );
  };
  switch (line.config.apply) {
    case 'kconfig-allconfig':
      await run(line.config.base, { KCONFIG_ALLCONFIG: files.fragment });
      break;
    case 'merge-config': {
      await run(line.config.base);
      // What scripts/kconfig/merge_config.sh -m does.
      const texts = await Promise.all([files.next, files.fragment].map((file) => readFile(file, 'utf8')));
      await writeFile(files.next, fragmentText(mergeFragments(...texts.map(parseConfig))));
      await run('olddefconfig');
      break;
    }
  }
}
