// SPDX-License-Identifier: MIT
import { either, openContext } from '../api/context/open-context.js';
import { Broadcast } from '../base/event/broadcast.js';
import { systemPaths } from '../base/host/paths.js';
import { interruption } from '../base/lifecycle/interruption.js';
import type { Session } from './command/command.js';
import type { Output } from './command/output.js';

/** Builds the context for one command, with Ctrl-C, SIGTERM and the loss of its output as its abort signal. */
export function openSession(
  output: Output,
  options: {
    readonly offline: boolean;
    readonly environment: NodeJS.ProcessEnv;
    /** Aborted when nobody can be told anything any more. */
    readonly lost: AbortSignal;
  },
): Session {
  const broadcast = new Broadcast();
  const context = openContext({
    paths: systemPaths(options.environment),
    onEvent: broadcast.sink,
    signal: either(interruption(), options.lost),
    offline: options.offline,
  });
  let views = 0;
  // Without a view, notices must still be shown, for example which process holds a lock that this one waits for.
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
