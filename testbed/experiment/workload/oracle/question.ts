// SPDX-License-Identifier: MIT
import type { Fold } from './fold.js';
import type { Random } from './random.js';

/** What an oracle is given. */
export interface Question {
  readonly bytes: number;
  readonly passes: number;
  readonly random: Random;
  /** Takes in what the workload must have found and read. */
  readonly fold: Fold;
}

/** Computes one workload's answer. @returns the bytes that its data structures occupy */
export type Oracle = (question: Question) => number;
