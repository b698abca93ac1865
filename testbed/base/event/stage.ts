// SPDX-License-Identifier: MIT
import type { Clock } from '../clock/clock.js';
import { toErrorRecord } from '../error/error-record.js';
import type { OpenWait } from '../clock/waits.js';
import type { EventSink, StageFinished, StageProgress, StageWaiting } from './event.js';
import { Silence } from './silence.js';

/** The running stage, as its body sees it. */
export interface Stage {
  readonly id: string;
  /** Tells how far the stage is; counts are cumulative. */
  progress(step: Omit<StageProgress, 'type' | 'at' | 'id'>): void;
  /** A line of a tool's output, for the log. */
  output(line: string): void;
  /** Marks the stage as having found its product already made. */
  unchanged(note?: string): void;
  /** Marks the stage as not done, with the reason. */
  skipped(reason: string): void;
  /** A word about the product, shown behind the title when the stage ends. */
  note(text: string): void;
}

/**
 * Runs `body` between a `stage-started` and a `stage-finished` event; a throw ends the stage as `failed` and
 * goes on to the caller unchanged.
 */
export async function stage<T>(
  where: { readonly events: EventSink; readonly clock: Clock },
  id: string,
  title: string,
  body: (stage: Stage) => Promise<T>,
): Promise<T> {
  const { events, clock } = where;
  const started = clock.now();
  let outcome: StageFinished['outcome'] = 'done';
  let remark: string | undefined;
  const finish = (extra: Partial<StageFinished>): void => {
    const at = clock.now();
    events({
      type: 'stage-finished',
      at,
      id,
      outcome,
      elapsedMs: at - started,
      ...(remark === undefined ? {} : { note: remark }),
      ...extra,
    });
  };
  events({ type: 'stage-started', at: started, id, title });
  using silence = new Silence(clock, (silentMs, wait) => {
    events({ type: 'stage-waiting', at: clock.now(), id, silentMs, ...told(wait) });
  });
  const current: Stage = {
    id,
    progress: (step) => {
      silence.news();
      events({ type: 'stage-progress', at: clock.now(), id, ...step });
    },
    output: (line) => {
      silence.news();
      events({ type: 'command-output', at: clock.now(), id, line });
    },
    unchanged: (note) => {
      outcome = 'unchanged';
      remark = note ?? remark;
    },
    skipped: (reason) => {
      outcome = 'skipped';
      remark = reason;
    },
    note: (text) => {
      remark = text;
    },
  };
  try {
    const product = await silence.waits.of(async () => body(current));
    finish({});
    return product;
  } catch (thrown) {
    const error = toErrorRecord(thrown);
    finish({ outcome: 'failed', note: error.message, error });
    throw thrown;
  }
}

function told(wait: OpenWait | undefined): Pick<StageWaiting, 'what' | 'last'> {
  if (wait === undefined) return {};
  const last = wait.excerpt?.().at(-1);
  return { what: wait.what, ...(last === undefined ? {} : { last }) };
}
