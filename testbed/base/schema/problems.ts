// SPDX-License-Identifier: MIT
import type { ErrorObject } from 'ajv';
import { nearest } from '../error/nearest.js';

/** The parts of a schema that a problem is worded from. */
interface Described {
  readonly title?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, unknown>>;
}

/**
 * The problems that ajv found, one line for each: the place, the value there, and what is allowed. The validator must
 * have been compiled with `verbose`.
 */
export function schemaProblems(errors: readonly ErrorObject[]): readonly string[] {
  return errors.map((error) => `${place(error)} ${wording(error)}`);
}

function place({ instancePath, keyword, params }: ErrorObject): string {
  const inner = keyword === 'additionalProperties' ? `/${String(params['additionalProperty'])}` : '';
  const missing = keyword === 'required' ? `/${String(params['missingProperty'])}` : '';
  return `${instancePath}${inner}${missing}` || '/';
}

function wording(error: ErrorObject): string {
  const schema = error.parentSchema as Described;
  const { params } = error;
  switch (error.keyword) {
    case 'additionalProperties': {
      const field = String(params['additionalProperty']);
      const known = Object.keys(schema.properties ?? {}).filter((name) => name !== '$schema');
      const value = (error.data as Readonly<Record<string, unknown>>)[field];
      return `is ${shown(value)}; there is no such field${meant(field, known)}; allowed: ${known.join(', ')}`;
    }
    case 'required':
      return 'is missing';
    case 'dependencies':
      return `has ${String(params['property'])}, so it must also have ${String(params['deps'])}`;
    case 'propertyNames':
      return `has ${shown(params['propertyName'])}, a name that is not allowed here`;
    case 'enum': {
      const allowed = (params['allowedValues'] as readonly unknown[]).map(String);
      return `is ${shown(error.data)}${meant(error.data, allowed)}; allowed: ${allowed.join(', ')}`;
    }
    default:
      return `is ${shown(error.data)}; ${expected(error, schema)}`;
  }
}

function expected({ message, keyword }: ErrorObject, { title, examples }: Described): string {
  const known = keyword === 'pattern' || keyword === 'type';
  const must = known && title !== undefined ? `must be ${title}` : (message ?? 'is wrong');
  return examples === undefined ? must : `${must}, such as ${examples.map(shown).join(' or ')}`;
}

function meant(word: unknown, allowed: readonly string[]): string {
  const near = typeof word === 'string' ? nearest(word, allowed) : undefined;
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** A value, short enough for a line. */
function shown(value: unknown): string {
  const text = jsonOf(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** JSON.stringify is recursive and JSON.parse is not, so a parsed value can be nested too deeply to be written. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return 'something with very many levels';
  }
}
