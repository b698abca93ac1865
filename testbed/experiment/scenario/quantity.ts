// SPDX-License-Identifier: MIT
import { QuantityError } from './errors.js';

/*
 * Quantities as people write them, in scenarios and on the command line. The patterns stand in
 * scenarios/scenario.schema.json as well, for editors; a test compares the two.
 */

/** A size: whole bytes; K, M, G are 1024 each. */
export const SIZE = /^([0-9]+)([KMG]?)$/;
/** Bits per second, as tc(8) writes them: k, M, G are 1000 each. */
export const BANDWIDTH = /^([0-9]+(?:\.[0-9]+)?)(k|M|G)?bit$/;
export const DURATION = /^([0-9]+(?:\.[0-9]+)?)(us|ms|s|min|h)$/;

/** So many times the home budget. */
export const MULTIPLE = /^([0-9]+(?:\.[0-9]+)?)x$/;

const BINARY: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const DECIMAL: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };
const MICROSECONDS: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, min: 60e6, h: 3600e6 };
const NANOSECONDS: Readonly<Record<string, number>> = { us: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9 };

/** Bytes of a size such as `64M`. @throws QuantityError */
export function parseBytes(text: string): number {
  return quantity(text, SIZE, BINARY, 'a size: a whole number of bytes, or with K, M or G, such as 64M');
}

/** Bits per second of a bandwidth such as `1Gbit`. @throws QuantityError */
export function parseBandwidth(text: string): number {
  return quantity(text, BANDWIDTH, DECIMAL, 'a bandwidth with bit, kbit, Mbit or Gbit, such as 1Gbit');
}

/** Microseconds of a duration such as `50us` or `15min`. @throws QuantityError */
export function parseDuration(text: string): number {
  return quantity(text, DURATION, MICROSECONDS, 'a duration with us, ms, s, min or h, such as 50us');
}

/** Nanoseconds of an instant such as `12.345678901s`, as consoles in virtual time have them. @throws QuantityError */
export function parseInstant(text: string): number {
  return quantity(text, DURATION, NANOSECONDS, 'an instant with us, ms, s, min or h, such as 12.345678901s');
}

/** The number of `1.25x`; undefined for what is not written so. */
export function parseMultiple(text: string): number | undefined {
  const [, digits] = MULTIPLE.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function quantity(
  text: string,
  pattern: RegExp,
  factors: Readonly<Record<string, number>>,
  kind: string,
): number {
  const [, digits, unit] = pattern.exec(text) ?? [];
  const value = Number(digits) * (factors[unit ?? ''] ?? NaN);
  if (!Number.isSafeInteger(Math.round(value))) throw new QuantityError(text, kind);
  return Math.round(value);
}

/** The shortest exact way to write a size: `64M`, `1536K`, `4097`. */
export function sizeText(bytes: number): string {
  for (const unit of ['G', 'M', 'K']) {
    const factor = BINARY[unit] ?? 1;
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}
