// SPDX-License-Identifier: MIT

/** One thing that the testbed needs from its host, and the result of trying it. */
export interface Finding {
  readonly what: string;
  /** With `missing` the testbed cannot run. With `limited` it runs with a disadvantage. */
  readonly verdict: 'good' | 'limited' | 'missing';
  /** What was found. For `limited` the disadvantage, for `missing` what to do. */
  readonly text: string;
}
