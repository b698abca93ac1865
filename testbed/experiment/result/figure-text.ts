// SPDX-License-Identifier: MIT
import type { Spread } from './statistics.js';

/** Shown where there is no figure. */
export const NO_FIGURE = '-';

/** Seconds with three significant digits: `0.389`, `53.8`, `1204`. */
export function secondsText(seconds: number): string {
  return seconds >= 100 ? seconds.toFixed(0) : seconds.toPrecision(3);
}

export function medianText(spread: Spread | undefined, text: (value: number) => string): string {
  return spread === undefined ? NO_FIGURE : text(spread.median);
}

/** Smallest and largest: `52.1 .. 55.9`. */
export function rangeText(spread: Spread | undefined, text: (value: number) => string): string {
  return spread === undefined ? NO_FIGURE : `${text(spread.minimum)} .. ${text(spread.maximum)}`;
}

/** A ratio of two figures: `1.02x`, `138x`. */
export function ratioText(ratio: number | undefined): string {
  if (ratio === undefined) return NO_FIGURE;
  return `${ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(3)}x`;
}

export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
