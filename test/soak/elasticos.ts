// SPDX-License-Identifier: MIT
import { soakDebian } from './debian.js';
import { soakFaults } from './faults.js';
import { soakJumps } from './jumps.js';
import { soakLosses } from './losses.js';
import { soakMmfuzz } from './mmfuzz.js';
import { soakUnused } from './unused.js';
import { soakWrongMessages } from './wrong-messages.js';

/** What `--jumps`, `--debug`, `--rounds`, `--at`, `--operations`, `--seed`, `--steps` and `--letters` of `npm run soak` say. */
export interface ElasticSoak {
  readonly line: string;
  /** Whether jumps and operations on memory are made by the debug variant. */
  readonly debug: boolean;
  /** That the self-checking program makes, at least. */
  readonly jumps: number;
  /** Of wrong messages, to each side. */
  readonly rounds: number;
  /** Only fault points, or programs, whose text has this in it. */
  readonly at: string;
  /** On memory, of `mmfuzz`, at least. */
  readonly operations: number;
  /** The first of `mmfuzz`; the next ones follow. */
  readonly seed: number;
  /** Of that seed, and no other seed; '' for many. */
  readonly steps: string;
  /** Letters of `mmfuzz`; '' for all. */
  readonly letters: string;
  readonly say: (text: string) => void;
  /** Ends the soak. */
  readonly signal: AbortSignal;
}

/** The long forms of what test/guest/elasticos*.test.ts do, and what takes kernels of its own; by name. */
export const ELASTIC_SOAKS: Readonly<Record<string, (soak: ElasticSoak) => Promise<void>>> = {
  jumps: soakJumps,
  faults: soakFaults,
  mmfuzz: soakMmfuzz,
  messages: soakWrongMessages,
  losses: soakLosses,
  unused: soakUnused,
  debian: soakDebian,
};
