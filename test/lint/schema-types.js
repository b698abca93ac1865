// SPDX-License-Identifier: MIT
/*
 * Makes TypeScript types from JSON schemas, so that none can say what the other does not. With --check it changes
 * nothing, and fails when a file of types is not what its schema makes.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';

/**
 * A type is that of a value which the validator has accepted. Where it fills in defaults, a field that has one is there.
 * @type {readonly { schema: string, types: string, name: string, defaults: 'filled in' | 'none' }[]}
 */
const MADE = [
  {
    schema: 'images/image.schema.json',
    types: 'testbed/products/image/image.schema.ts',
    name: 'ImageFile',
    defaults: 'none',
  },
  {
    schema: 'kernel-patches/line.schema.json',
    types: 'testbed/products/kernel/line/line.schema.ts',
    name: 'LineFile',
    defaults: 'none',
  },
  {
    schema: 'guests/flows/flow.schema.json',
    types: 'testbed/machines/flow/flow.schema.ts',
    name: 'FlowFile',
    defaults: 'none',
  },
  {
    schema: 'scenarios/scenario.schema.json',
    types: 'testbed/experiment/scenario/scenario.schema.ts',
    name: 'ScenarioFile',
    defaults: 'filled in',
  },
];

/** @param {string} path from the project's root */
const inProject = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** @param {(typeof MADE)[number]} made */
async function typesOf({ schema, types, name, defaults }) {
  const root = JSON.parse(await readFile(inProject(schema), 'utf8'));
  const plain = simplified(root, root, defaults === 'filled in');
  const text = await compile(plain, name, {
    bannerComment: `// SPDX-License-Identifier: MIT
// Made from ${schema} by \`npm run format\`; not to be edited.`,
    additionalProperties: false,
    format: false,
  });
  const path = inProject(types);
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

/**
 * A schema without references and titles: json-schema-to-typescript gives a type of its own to what has either, under a
 * name that it makes up.
 * @param {any} schema @param {any} root of the references @param {boolean} filledIn
 * @returns {any}
 */
function simplified(schema, root, filledIn) {
  if (typeof schema !== 'object') return schema;
  const { $ref, ...own } = schema;
  const whole = { ...target($ref, root), ...own };
  for (const key of ['title', '$id', 'definitions', 'propertyNames']) delete whole[key];
  // Only an array of a fixed length becomes a tuple.
  if (whole.minItems !== whole.maxItems) for (const key of ['minItems', 'maxItems']) delete whole[key];
  const inner = (/** @type {any} */ each) => simplified(each, root, filledIn);
  for (const key of ['items', 'additionalProperties']) if (key in whole) whole[key] = inner(whole[key]);
  if ('oneOf' in whole) whole.oneOf = whole.oneOf.map(inner);
  if ('properties' in whole) {
    const fields = Object.entries(whole.properties).map(([name, field]) => [name, inner(field)]);
    const there = fields.filter(([, field]) => filledIn && 'default' in field).map(([name]) => name);
    whole.properties = Object.fromEntries(fields);
    whole.required = [...new Set([...(whole.required ?? []), ...there])];
  }
  return whole;
}

/** @param {string | undefined} reference such as `#/definitions/size` @param {any} root */
function target(reference, root) {
  if (reference === undefined) return {};
  const [, ...steps] = reference.split('/');
  return steps.reduce((found, step) => found[step], root);
}

const check = process.argv.includes('--check');
for (const made of MADE) {
  const types = await typesOf(made);
  const path = inProject(made.types);
  if (!check) await writeFile(path, types);
  else if ((await readFile(path, 'utf8').catch(() => '')) !== types) {
    console.error(`${made.types}: not what ${made.schema} makes. \`npm run format\` makes it anew.`);
    process.exitCode = 1;
  }
}
