// SPDX-License-Identifier: MIT

/** One thing that the testbed wants of its host, and what was found by trying. */
export interface Finding {
  readonly what: string;
  /** `missing` stops the testbed, `limited` costs something. */
  readonly verdict: 'good' | 'limited' | 'missing';
  /** What was found; for `limited` what it costs, for `missing` what to do. */
  readonly text: string;
}
