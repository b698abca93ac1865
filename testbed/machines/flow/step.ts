// SPDX-License-Identifier: MIT
import { pollUntil, withDeadline, type Wait } from '../../base/clock/deadline.js';
import { type Stage, stage } from '../../base/event/stage.js';
import type { Context } from '../../base/host/context.js';
import type { DisposalStack } from '../../base/lifecycle/disposal-stack.js';
import type { RemoteFinished } from '../ssh/session.js';
import { FlowStepError } from './errors.js';
import { type Evidence, type Flow, type FlowStep, UNAVAILABLE } from './flow.js';
import type { FlowNode } from './flow-node.js';
import type { Pair } from './pairing.js';
import { environmentOf, scriptOf } from './schedule.js';
import { StepOutput } from './step-output.js';

/** Time between two checks of a node's open ports. */
const LOOK_MS = 100;

/** What a script reports about what it has set up: a JSON object, the last line of its output. */
export type Facts = Readonly<Record<string, unknown>>;

export type StepOutcome = { readonly step: string; readonly node: string } & (
  | { readonly status: 'done'; readonly facts?: Facts }
  /** It keeps running in the background. */
  | { readonly status: 'running' }
  | { readonly status: 'skipped'; readonly reason: string }
);

/** What all steps of one run of a flow share. */
export interface FlowRun {
  readonly context: Context;
  readonly flow: Flow;
  readonly environment: Readonly<Record<string, string>>;
  /** Holds the steps that keep running. */
  readonly running: DisposalStack;
}

/**
 * Runs one step on its node of the pair, as stage `id`.
 * @throws FlowStepError, DeadlineError
 */
export async function runStep(run: FlowRun, id: string, step: FlowStep, pair: Pair): Promise<StepOutcome> {
  const node = pair[step.role];
  if (node === undefined) throw new RangeError(`the pair has no ${step.role} node`);
  const { context } = run;
  return await stage(context, id, `${step.title} (${node.name})`, async (current) => {
    await context.clock.sleep(step.delayMs, context.signal);
    const attempt = new StepAttempt(run, step, node, environmentOf(run, step, pair), current);
    const outcome = step.until === undefined ? await attempt.toItsEnd() : await attempt.untilSeen(step.until);
    if (outcome.status === 'skipped') current.skipped(outcome.reason);
    return outcome;
  });
}

/** A step being run. */
class StepAttempt {
  readonly #run: FlowRun;
  readonly #step: FlowStep;
  readonly #node: FlowNode;
  readonly #env: Readonly<Record<string, string>>;
  readonly #output: StepOutput;
  readonly #lineWatchers = new Set<(line: string) => void>();

  constructor(
    run: FlowRun,
    step: FlowStep,
    node: FlowNode,
    env: Readonly<Record<string, string>>,
    current: Stage,
  ) {
    this.#run = run;
    this.#step = step;
    this.#node = node;
    this.#env = env;
    this.#output = new StepOutput((line) => {
      current.output(line);
      for (const watcher of this.#lineWatchers) watcher(line);
    });
  }

  async toItsEnd(): Promise<StepOutcome> {
    const finished = await withDeadline(this.#wait('end'), async (signal) => this.#exec(signal));
    return this.#judge(finished);
  }

  /** Waits for evidence. The script keeps running until the flow is disposed of. */
  async untilSeen(evidence: Evidence): Promise<StepOutcome> {
    const stop = new AbortController();
    const script = this.#exec(stop.signal);
    script.catch(() => undefined);
    this.#run.running.defer(async () => {
      stop.abort(new Error('the flow was ended'));
      await script.catch(() => undefined);
    });
    const ended = await withDeadline(this.#wait('begin'), async (signal) =>
      Promise.race([script, this.#seen(evidence, signal)]),
    );
    if (ended === undefined) return { ...this.#where, status: 'running' };
    const outcome = this.#judge(ended);
    if (outcome.status === 'skipped') return outcome;
    throw this.#failure('ended before it was seen at work');
  }

  get #where(): { readonly step: string; readonly node: string } {
    return { step: this.#step.id, node: this.#node.name };
  }

  #wait(what: string): Wait {
    const { context, flow } = this.#run;
    return {
      what: `the ${what} of step ${this.#step.id} of flow ${flow.name} on ${this.#node.name}`,
      deadlineMs: this.#step.deadlineMs,
      clock: context.clock,
      signal: context.signal,
      excerpt: () => this.#output.tail,
    };
  }

  async #exec(signal: AbortSignal): Promise<RemoteFinished> {
    const finished = await this.#node.exec(scriptOf(this.#step), {
      env: this.#env,
      signal,
      keep: 'discard',
      onStdout: this.#output.stdout,
      onStderr: this.#output.stderr,
    });
    this.#output.end();
    return finished;
  }

  async #seen(evidence: Evidence, signal: AbortSignal): Promise<undefined> {
    if ('line' in evidence) {
      await this.#line(evidence.line);
      return undefined;
    }
    const look = async (looking: AbortSignal): Promise<true | undefined> =>
      (await this.#node.listens(evidence.port, looking)) || undefined;
    await pollUntil({ ...this.#wait('begin'), signal, everyMs: LOOK_MS }, look);
    return undefined;
  }

  async #line(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#lineWatchers.add((line) => {
        if (line.includes(text)) resolve();
      });
    });
  }

  #judge(finished: RemoteFinished): StepOutcome {
    const { code, signal, stdout } = finished;
    if (code === 0) {
      const facts = factsOf(stdout);
      return { ...this.#where, status: 'done', ...(facts === undefined ? {} : { facts }) };
    }
    const { tail } = this.#output;
    if (code === UNAVAILABLE) {
      return { ...this.#where, status: 'skipped', reason: tail.at(-1) ?? 'not available on this kernel' };
    }
    throw this.#failure(
      signal === undefined ? `ended with status ${String(code)}` : `was ended by ${signal}`,
    );
  }

  #failure(how: string): FlowStepError {
    return new FlowStepError({ flow: this.#run.flow.name, ...this.#where }, how, this.#output.tail);
  }
}

function factsOf(stdout: string): Facts | undefined {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) return undefined;
  try {
    return JSON.parse(last) as Facts;
  } catch {
    return undefined;
  }
}
