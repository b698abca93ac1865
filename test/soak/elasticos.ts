// SPDX-License-Identifier: MIT
import { soakDebian } from './debian.js';
import { soakFaults } from './faults.js';
import { soakJumps } from './jumps.js';
import { soakLosses } from './losses.js';
import { soakUnused } from './unused.js';
import { soakWrongMessages } from './wrong-messages.js';

/** What `--jumps`, `--debug`, `--rounds` and `--at` of `npm run soak` say. */
export interface ElasticSoak {
  readonly line: string;
  /** Whether jumps are made by the debug variant. */
  readonly debug: boolean;
  /** That the self-checking program makes, at least. */
  readonly jumps: number;
  /** Of wrong messages, to each side. */
  readonly rounds: number;
  /** Only fault points, or programs, whose text has this in it. */
  readonly at: string;
  readonly say: (text: string) => void;
  /** Ends the soak. */
  readonly signal: AbortSignal;
}

/** The long forms of what test/guest/elasticos*.test.ts do, and what takes kernels of its own; by name. */
export const ELASTIC_SOAKS: Readonly<Record<string, (soak: ElasticSoak) => Promise<void>>> = {
  jumps: soakJumps,
  faults: soakFaults,
  messages: soakWrongMessages,
  losses: soakLosses,
  unused: soakUnused,
  debian: soakDebian,
};
