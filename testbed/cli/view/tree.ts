// SPDX-License-Identifier: MIT
import type { ListrTask } from 'listr2';
import type { EventSink, StageFinished, TestbedEvent } from '../../base/event/event.js';
import { duration } from './duration.js';
import { estimateText } from './estimate-text.js';
import { progressText } from './progress-text.js';
import { timeLeftText } from './time-left-text.js';
import { waitingText } from './waiting-text.js';

/** How often elapsed times are redrawn. */
const TICK_MS = 500;

/** A top-level branch of the tree: all stages whose id starts with `id/`, or is `id`. */
export interface Branch {
  readonly id: string;
  readonly title: string;
}

interface OpenStage {
  readonly title: string;
  detail: string;
  /** That it has had no news since. */
  silence: string;
}

interface BranchState {
  readonly branch: Branch;
  /** The branch's own, or longer when more is known of what it is going to do. */
  title: string;
  /** How long the whole command is going to take. */
  left: string;
  /** Settles when the branch is over. listr2 then continues with the next one. */
  readonly over: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
  readonly open: Map<string, OpenStage>;
  readonly remarks: string[];
  task: { title: string; output: string } | undefined;
  startedAt: number | undefined;
  failed: boolean;
  /** listr2 has dropped the buffer of its output and takes no more. */
  ended: boolean;
}

/** A live tree on a terminal. */
export interface Tree {
  readonly sink: EventSink;
  /** Ends the drawing. Branches that are still open have failed or were never reached. */
  close(failure: Error | undefined): Promise<void>;
}

/** Draws events as a listr2 tree with a branch for each step of the command. */
export async function openTree(branches: readonly Branch[], now: () => number): Promise<Tree> {
  const { Listr } = await import('listr2');
  const states = branches.map(newState);
  let finished = false;
  const listr = new Listr<unknown>(states.map(toTask), {
    concurrent: false,
    exitOnError: true,
    // Its own handler of SIGINT would end the process with status 127 before anything is put in order.
    registerSignalListeners: false,
    rendererOptions: { collapseErrors: false, showErrorMessage: false },
  });
  const running = listr.run().catch(() => undefined);
  const redraw = (): void => {
    for (const [index, state] of states.entries()) {
      const coming = state.task === undefined ? listr.tasks[index] : undefined;
      if (coming !== undefined && coming.title !== state.title) coming.title$ = state.title;
      draw(state, now());
    }
  };
  const timer = setInterval(redraw, TICK_MS);
  return {
    sink: (event) => {
      if (!finished) take(states, event, now());
    },
    close: async (failure) => {
      finished = true;
      clearInterval(timer);
      for (const state of states) end(state, failure, now());
      await running;
    },
  };
}

function newState(branch: Branch): BranchState {
  let resolve: () => void = () => undefined;
  let reject: (reason: Error) => void = () => undefined;
  const over = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  over.catch(() => undefined);
  const drawing = { task: undefined, startedAt: undefined, failed: false, ended: false };
  return {
    branch,
    title: branch.title,
    left: '',
    over,
    resolve,
    reject,
    open: new Map(),
    remarks: [],
    ...drawing,
  };
}

function isStarted(state: BranchState): boolean {
  return state.startedAt !== undefined;
}

function toTask(state: BranchState): ListrTask {
  return {
    title: state.branch.title,
    task: async (_context, task) => {
      state.task = task;
      await state.over;
    },
  };
}

function take(states: readonly BranchState[], event: TestbedEvent, now: number): void {
  switch (event.type) {
    case 'stage-started': {
      const state = branchOf(states, event.id);
      if (state === undefined) return;
      state.startedAt ??= now;
      state.open.set(event.id, { title: event.title, detail: '', silence: '' });
      settleEarlier(states, state, now);
      draw(state, now);
      return;
    }
    case 'stage-progress': {
      const open = branchOf(states, event.id)?.open.get(event.id);
      if (open !== undefined) Object.assign(open, { detail: progressText(event), silence: '' });
      return;
    }
    case 'stage-waiting': {
      const open = branchOf(states, event.id)?.open.get(event.id);
      if (open !== undefined) open.silence = waitingText(event);
      return;
    }
    case 'stage-finished': {
      const state = branchOf(states, event.id);
      if (state !== undefined) closeStage(state, event, now);
      return;
    }
    case 'notice': {
      const current = [...states].reverse().find(isStarted);
      current?.remarks.push(event.text);
      return;
    }
    case 'time-left': {
      for (const state of states) state.left = ` · ${timeLeftText(event)}`;
      return;
    }
    case 'run-planned': {
      const cells = branchOf(states, 'cells');
      if (cells !== undefined) cells.title = `${cells.branch.title}: ${estimateText(event)}`;
      return;
    }
    case 'cell-finished': {
      if (event.status !== 'ok')
        branchOf(states, 'cells')?.remarks.push(`${event.cell}: ${event.status} ${event.note ?? ''}`);
      return;
    }
    case 'console-line':
    case 'command-output':
      return;
  }
}

function branchOf(states: readonly BranchState[], id: string): BranchState | undefined {
  return states.find(({ branch }) => id === branch.id || id.startsWith(`${branch.id}/`));
}

function closeStage(state: BranchState, event: StageFinished, now: number): void {
  state.open.delete(event.id);
  if (event.outcome === 'failed') state.failed = true;
  if (event.outcome === 'skipped') state.remarks.push(event.note ?? 'skipped');
  draw(state, now);
}

/** A branch is over when a later one has begun, since branches come one after the other. */
function settleEarlier(states: readonly BranchState[], current: BranchState, now: number): void {
  for (const state of states) {
    if (state === current) return;
    end(state, undefined, now);
  }
}

function draw(state: BranchState, now: number): void {
  if (state.ended || state.task === undefined || state.startedAt === undefined) return;
  state.task.title = `${state.title}  ${duration(now - state.startedAt)}${state.left}`;
  const open = [...state.open.values()].map(({ title, detail, silence }) => {
    const said = [detail, silence].filter((text) => text !== '').join(' · ');
    return said === '' ? title : `${title}: ${said}`;
  });
  state.task.output = [...state.remarks.slice(-3), ...open].join('\n');
}

function end(state: BranchState, failure: Error | undefined, now: number): void {
  state.left = '';
  draw(state, now);
  state.ended = true;
  if (failure !== undefined && (state.failed || state.open.size > 0)) state.reject(failure);
  else state.resolve();
}
