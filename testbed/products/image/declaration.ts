// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import type { DeepReadonly } from '../../base/schema/deep-readonly.js';
import { schemaProblems } from '../../base/schema/problems.js';
import { ImageDeclarationError } from './errors.js';
import type { ImageFile } from './image.schema.js';

type Written = DeepReadonly<ImageFile>;

/** Fields that a declaration always has; they are filled in where a file leaves them out. */
type Fields = Required<Omit<Written, '$schema' | 'description' | 'extends' | 'without' | 'boot'>>;

/** A file of images/, as images/image.schema.json describes it; what it extends is merged in. */
export interface ImageDeclaration extends Fields {
  readonly name: string;
  /** Name of the initramfs that mounts an ext4 image. */
  readonly boot: string | undefined;
}

export type PackageSelection = ImageDeclaration['packages'][string];

/** The size limit of an initramfs that declares none. */
const DEFAULT_MEGABYTES = 16;

/**
 * Reads `images/<name>.json`.
 * @throws ImageDeclarationError with everything that is wrong with the file
 */
export async function readDeclaration(images: string, name: string): Promise<ImageDeclaration> {
  return await readExtended(images, name, await schemaOf(images), []);
}

async function readExtended(
  images: string,
  name: string,
  validate: ValidateFunction<Written>,
  heirs: readonly string[],
): Promise<ImageDeclaration> {
  const file = `images/${name}.json`;
  if (heirs.includes(name)) throw new ImageDeclarationError(file, ['it extends itself']);
  const written = await readJson(join(images, `${name}.json`), file);
  if (!validate(written)) throw new ImageDeclarationError(file, schemaProblems(validate.errors ?? []));
  if ((written.kind === 'ext4') !== (written.boot !== undefined)) {
    throw new ImageDeclarationError(file, ['`boot` is needed for ext4, and for ext4 only']);
  }
  const base =
    written.extends === undefined
      ? undefined
      : await readExtended(images, written.extends, validate, [...heirs, name]);
  return {
    name,
    kind: written.kind,
    megabytes: written.megabytes ?? DEFAULT_MEGABYTES,
    boot: written.boot,
    packages: { ...base?.packages, ...written.packages },
    programs: { ...base?.programs, ...written.programs },
    files: [...(base?.files ?? []), ...(written.files ?? [])],
    folders: { ...base?.folders, ...written.folders },
    links: { ...linksWithout(base?.links ?? {}, written.without ?? [], file), ...written.links },
    devices: { ...base?.devices, ...written.devices },
    accounts: { ...base?.accounts, ...written.accounts },
  };
}

/** @throws ImageDeclarationError for a path that is no link of what is extended */
function linksWithout(
  links: ImageDeclaration['links'],
  paths: readonly string[],
  file: string,
): ImageDeclaration['links'] {
  const all = new Set(Object.values(links).flat());
  const unknown = paths.filter((path) => !all.has(path));
  if (unknown.length > 0) {
    throw new ImageDeclarationError(
      file,
      unknown.map((path) => `/without has ${path}, which is no link of what it extends`),
    );
  }
  const kept = ([target, places]: readonly [string, readonly string[]]): [string, readonly string[]] => [
    target,
    places.filter((path) => !paths.includes(path)),
  ];
  return Object.fromEntries(Object.entries(links).map(kept));
}

async function schemaOf(images: string): Promise<ValidateFunction<Written>> {
  const schema = JSON.parse(await readFile(join(images, 'image.schema.json'), 'utf8')) as object;
  return new Ajv({ allErrors: true, verbose: true, strictRequired: false }).compile<Written>(schema);
}

async function readJson(path: string, file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === 'ENOENT';
    throw new ImageDeclarationError(file, [missing ? 'there is no such file' : (thrown as Error).message]);
  }
}
