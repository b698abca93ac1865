// SPDX-License-Identifier: MIT
import { soakFaults } from './faults.js';
import { soakJumps } from './jumps.js';
import { soakLosses } from './losses.js';
import { soakWrongMessages } from './wrong-messages.js';

/** What `--jumps`, `--rounds` and `--at` of `npm run soak` say. */
export interface ElasticSoak {
  readonly line: string;
  /** That the self-checking program makes, at least. */
  readonly jumps: number;
  /** Of wrong messages, to each side. */
  readonly rounds: number;
  /** Only fault points whose text has this in it. */
  readonly at: string;
  readonly say: (text: string) => void;
}

/** The long forms of what test/guest/elasticos*.test.ts do, by name. */
export const ELASTIC_SOAKS: Readonly<Record<string, (soak: ElasticSoak) => Promise<void>>> = {
  jumps: soakJumps,
  faults: soakFaults,
  messages: soakWrongMessages,
  losses: soakLosses,
};
