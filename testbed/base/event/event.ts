// SPDX-License-Identifier: MIT
import type { ErrorRecord } from '../error/testbed-error.js';

/**
 * What the core reports. It prints nothing itself: the tree on a terminal, the plain lines in CI and
 * the JSON log are all made from this one stream. Times are milliseconds of the injected clock.
 */
export type TestbedEvent =
  | StageStarted
  | StageProgress
  | StageWaiting
  | StageFinished
  | Notice
  | ConsoleLine
  | CommandOutput
  | TimeLeft
  | RunPlanned
  | CellFinished;

/** Stages form a tree: `id` is a path such as `kernel/linux-6.1/build`; its parent is the path before the last slash. */
export interface StageStarted {
  readonly type: 'stage-started';
  readonly at: number;
  readonly id: string;
  readonly title: string;
}

export interface StageProgress {
  readonly type: 'stage-progress';
  readonly at: number;
  readonly id: string;
  /** Work done and, where it is known, all the work, in `unit`s (`bytes`, `files`, `cells`). */
  readonly done?: number;
  readonly total?: number;
  readonly unit?: string;
  /** The total is that of an earlier time, and may be a little off. */
  readonly approximate?: boolean;
  /** What is being worked on right now, short. */
  readonly note?: string;
  /** Going by what the like took on this host before; absent when that is not known. */
  readonly leftMs?: number;
}

/** A stage has had no news for a while: neither progress nor output, and no part of it is under way. */
export interface StageWaiting {
  readonly type: 'stage-waiting';
  readonly at: number;
  readonly id: string;
  readonly silentMs: number;
  /** What it waits for, as a noun phrase; absent while it computes by itself. */
  readonly what?: string;
  /** The last thing that was heard from there, such as a line of a guest's console. */
  readonly last?: string;
}

export interface StageFinished {
  readonly type: 'stage-finished';
  readonly at: number;
  readonly id: string;
  readonly outcome: 'done' | 'unchanged' | 'skipped' | 'failed';
  readonly elapsedMs: number;
  /** For `skipped` the reason, for `failed` the message, otherwise a word about the product. */
  readonly note?: string;
  readonly error?: ErrorRecord;
}

export interface Notice {
  readonly type: 'notice';
  readonly at: number;
  readonly level: 'info' | 'warning';
  readonly text: string;
}

/** A whole line that a guest wrote on its serial console. */
export interface ConsoleLine {
  readonly type: 'console-line';
  readonly at: number;
  readonly node: string;
  readonly line: string;
}

/** Output of a long host command (apt, make), a line at a time, for logs; a tree may show the last one. */
export interface CommandOutput {
  readonly type: 'command-output';
  readonly at: number;
  readonly id: string;
  readonly line: string;
}

/** How long it is going to take until a testbed is up. */
export interface TimeLeft {
  readonly type: 'time-left';
  readonly at: number;
  readonly leftMs: number;
  /** Whether boot and set-up are counted. They are not when such machines were never brought up on this host. */
  readonly whole: boolean;
}

/** Before anything is built for a run: what its cells are going to take. */
export interface RunPlanned {
  readonly type: 'run-planned';
  readonly at: number;
  /** That are to be run. */
  readonly cells: number;
  /** How many of these are of a kind that was never measured on this host. The figures leave them out. */
  readonly unknown: number;
  /** Whether all of them are in virtual time. */
  readonly virtualTime: boolean;
  /** Of the host's time. */
  readonly seconds: number;
  /** Of disk, in the results. */
  readonly bytes: number;
}

export interface CellFinished {
  readonly type: 'cell-finished';
  readonly at: number;
  readonly cell: string;
  readonly status: 'ok' | 'failed' | 'error' | 'invalid';
  readonly note?: string;
}

/** Where events go. Must not throw. */
export type EventSink = (event: TestbedEvent) => void;
