// SPDX-License-Identifier: MIT
import { systemClock } from '../base/clock/clock.js';
import { Broadcast } from '../base/event/broadcast.js';
import type { Context } from '../base/host/context.js';
import { systemPaths } from '../base/host/paths.js';
import { interruption } from '../base/lifecycle/interruption.js';
import type { Session } from './command/command.js';
import type { Output } from './command/output.js';

/** Builds the core's context for one command, with Ctrl-C and SIGTERM as its abort signal. */
export function openSession(
  output: Output,
  options: { readonly offline: boolean; readonly environment: NodeJS.ProcessEnv },
): Session {
  const broadcast = new Broadcast();
  const context: Context = {
    paths: systemPaths(options.environment),
    // Loaded on first use: execa alone costs more than the rest of a quick command.
    processes: lazyProcesses(),
    clock: systemClock,
    events: broadcast.sink,
    signal: interruption(),
    offline: options.offline,
  };
  let views = 0;
  // Where no view draws what happens, a notice must still be seen: who holds the lock that we wait for, say.
  broadcast.subscribe((event) => {
    if (event.type === 'notice' && views === 0) output.remark(event.text);
  });
  const subscribe: Session['subscribe'] = (reader) => {
    const unsubscribe = broadcast.subscribe(reader);
    views += 1;
    return () => {
      unsubscribe();
      views -= 1;
    };
  };
  return { context, output, subscribe };
}

function lazyProcesses(): Context['processes'] {
  const real = async (): Promise<Context['processes']> =>
    (await import('../base/process/system-processes.js')).systemProcesses;
  return {
    run: async (argv, options) => await (await real()).run(argv, options),
    succeed: async (argv, options) => await (await real()).succeed(argv, options),
    start: async (argv, options) => await (await real()).start(argv, options),
  };
}
