// SPDX-License-Identifier: MIT
import { setMaxListeners } from 'node:events';
import { systemClock } from '../../base/clock/clock.js';
import type { EventSink } from '../../base/event/event.js';
import type { Context } from '../../base/host/context.js';
import { type Paths, systemPaths } from '../../base/host/paths.js';

/** Where a testbed keeps things, who hears of what it does, and what ends it. */
export interface ContextOptions {
  /** Hears every event. Nothing is printed. */
  readonly onEvent?: EventSink;
  /** Aborting it ends everything that is under way, in order, and rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Whether downloads are errors. */
  readonly offline?: boolean;
  /** Folders other than those that the environment names: TESTBED_CACHE and its like, or the XDG base directories. */
  readonly paths?: Partial<Omit<Paths, 'project'>>;
}

/** How one call can be called off. */
export interface CallOptions {
  /** Ends this call, beside the signal that was given for all of them. */
  readonly signal?: AbortSignal;
}

/** The context of the core for what a process asks of a testbed: this machine, with its processes and its clock. */
export function openContext(options: ContextOptions): Context {
  return {
    paths: { ...systemPaths(), ...options.paths },
    processes: lazyProcesses(),
    clock: systemClock,
    events: options.onEvent ?? (() => undefined),
    signal: options.signal ?? neverAborted(),
    offline: options.offline ?? false,
  };
}

/** A context for one call. */
export function forCall(context: Context, { signal }: CallOptions): Context {
  return signal === undefined ? context : { ...context, signal: either(context.signal, signal) };
}

/** Aborted when one of the two is. */
export function either(first: AbortSignal, second: AbortSignal): AbortSignal {
  return withoutLimit(AbortSignal.any([first, second]));
}

function neverAborted(): AbortSignal {
  return withoutLimit(new AbortController().signal);
}

/** Every wait and every child listens to it; their number is no leak. */
function withoutLimit(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}

/** Loaded on first use: execa alone costs more than the rest of a quick command. */
function lazyProcesses(): Context['processes'] {
  const real = async (): Promise<Context['processes']> =>
    (await import('../../base/process/system-processes.js')).systemProcesses;
  return {
    run: async (argv, options) => await (await real()).run(argv, options),
    succeed: async (argv, options) => await (await real()).succeed(argv, options),
    start: async (argv, options) => await (await real()).start(argv, options),
  };
}
