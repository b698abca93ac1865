// SPDX-License-Identifier: MIT
import { isDeepStrictEqual } from 'node:util';

/** A field in which two plain objects differ. */
export interface FieldDifference {
  /** Such as `shape.virtualTime.seed`. */
  readonly field: string;
  /** Its value as JSON. Undefined where there is none. */
  readonly a: string | undefined;
  readonly b: string | undefined;
}

/** Every field in which two plain objects differ, each named as exactly as can be. */
export function fieldDifferences(a: unknown, b: unknown, field = ''): readonly FieldDifference[] {
  if (isDeepStrictEqual(a, b)) return [];
  if (!isObject(a) || !isObject(b)) return [{ field, a: JSON.stringify(a), b: JSON.stringify(b) }];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((name) =>
    fieldDifferences(a[name], b[name], field === '' ? name : `${field}.${name}`),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
