// SPDX-License-Identifier: MIT
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../../base/host/make-folder.js';
import type { Stage } from '../../../base/event/stage.js';
import type { Context } from '../../../base/host/context.js';
import { ConfigSymbolError } from '../line/errors.js';
import { fragmentText, mergeFragments, mismatches, parseConfig, type Fragment } from './fragment.js';
import type { Line } from '../line/line.js';
import { make, type Workshop } from './make.js';
import type { Variant } from '../line/kernel-product.js';

/** The configuration that a line's variant asks for: `config`, and for debug `config.debug` laid over it. */
export async function wantedConfig(line: Pick<Line, 'folder'>, variant: Variant): Promise<Fragment> {
  const names = variant === 'debug' ? ['config', 'config.debug'] : ['config'];
  const texts = await Promise.all(names.map((name) => readFile(join(line.folder, name), 'utf8')));
  return mergeFragments(...texts.map(parseConfig));
}

/**
 * Makes the object tree's .config. When nothing in it has changed, the old file stays with its time, since a newer file
 * makes make check everything.
 * @throws ConfigSymbolError with every symbol that did not take
 */
export async function configure(
  context: Context,
  workshop: Workshop,
  wanted: Fragment,
  stage: Stage,
): Promise<void> {
  const { objects, log } = workshop.objects;
  const config = join(objects, '.config');
  const before = join(objects, '.config.before');
  const fragment = join(objects, '.config.fragment');
  await makeFolder(objects);
  await rm(log, { force: true });
  await rename(config, before).catch(() => undefined);
  await writeFile(fragment, fragmentText(wanted));
  await generate(context, workshop, { fragment, config }, stage);
  const text = await readFile(config, 'utf8');
  const wrong = mismatches(wanted, parseConfig(text));
  if (wrong.length > 0) throw new ConfigSymbolError(workshop.line.id, wrong, config);
  if ((await readFile(before, 'utf8').catch(() => undefined)) !== text) return;
  await rename(before, config);
  stage.unchanged();
}

/** Writes `config` in the way that the line names. */
async function generate(
  context: Context,
  workshop: Workshop,
  files: { readonly fragment: string; readonly config: string },
  stage: Stage,
): Promise<void> {
  const { line } = workshop;
  const run = async (target: string, env: Readonly<Record<string, string>> = {}): Promise<void> => {
    await make(context, workshop, { what: `the configuration of ${line.id}`, targets: [target], env }, stage);
  };
  switch (line.config.apply) {
    case 'kconfig-allconfig':
      await run(line.config.base, { KCONFIG_ALLCONFIG: files.fragment });
      break;
    case 'merge-config': {
      await run(line.config.base);
      // What scripts/kconfig/merge_config.sh -m does.
      const texts = await Promise.all([files.config, files.fragment].map((file) => readFile(file, 'utf8')));
      await writeFile(files.config, fragmentText(mergeFragments(...texts.map(parseConfig))));
      await run('olddefconfig');
      break;
    }
  }
}
