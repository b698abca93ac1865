// SPDX-License-Identifier: MIT
import type { Context } from '../base/host/context.js';
import type { RunEstimate } from '../experiment/run/cell-costs.js';
import type { Plan, PlanOverrides } from '../experiment/scenario/plan.js';
import { meansNotRunning } from '../supervisor/errors.js';
import type { TestbedStatus } from '../supervisor/protocol.js';
import { isTestbedName, testbedPlace, type TestbedPlace } from '../supervisor/registry.js';
import type { BuildRequest } from './build/build-request.js';
import { RequestError } from './context/errors.js';
import { type CallOptions, type ContextOptions, forCall, openContext } from './context/open-context.js';
import { SupervisorLink } from './node/supervisor-link.js';
import { Results } from './results/results.js';
import type { RunResults } from './results/run-results.js';
import type { RunOptions, ScenarioRunOptions } from './run/run-request.js';
import type { BuiltTestbed } from './up/built-testbed.js';
import { endTestbed } from './up/end-testbed.js';
import { RunningTestbed } from './up/running-testbed.js';
import type { ScopedTestbed } from './up/scoped-testbed.js';
import type { UpRequest } from './up/up-request.js';
import type { Snapshot } from './watch/snapshot.js';
import type { WatchOptions } from './watch/watch-testbed.js';

/** What a name has to be. */
const NAMES = 'Names have 1 to 32 lower-case letters, digits and dashes.';

export interface TestbedOptions extends ContextOptions {
  /** Which testbed: 1 to 32 lower-case letters, digits and dashes; `default` when left out. */
  readonly name?: string;
}

/**
 * A testbed by its name, in whatever state it is. Making this object starts nothing and touches nothing.
 *
 * What can be asked follows from the state: {@link build} gives a testbed that has a kernel and an image, {@link up} and
 * {@link attach} give one that has nodes. What costs much to load is loaded by the method that needs it.
 */
export class Testbed {
  readonly name: string;
  /** The runs that were kept, of testbeds of whatever name. */
  readonly results: Results;
  readonly #context: Context;
  readonly #place: TestbedPlace;

  /** @throws RequestError for a name that cannot stand in paths */
  constructor(options: TestbedOptions = {}) {
    const { name = 'default' } = options;
    if (!isTestbedName(name)) throw new RequestError(`${name} is not a valid name for a testbed`, NAMES);
    this.name = name;
    this.#context = openContext(options);
    this.#place = testbedPlace(this.#context.paths, name);
    this.results = new Results(this.#context.paths);
  }

  /** Consoles, the journal of events, the supervisor's log; they stay when the testbed has ended. */
  get folder(): string {
    return this.#place.folder;
  }

  /**
   * Makes kernel, modules and image, or finds them made. Stages are told as events.
   * @throws PackagesMissingError when Debian packages are missing and may not be installed
   * @throws UnknownLineError, SourceUnreachableError, PatchRejectedError, ConfigSymbolError, CompileError and what else
   *   stands in products/kernel/line/errors.ts; ProgramBuildError and what else stands in products/image/errors.ts
   */
  async build(request: BuildRequest = {}, options: CallOptions = {}): Promise<BuiltTestbed> {
    const { prepareProducts } = await import('./build/prepare.js');
    const { BuiltTestbed: Built } = await import('./up/built-testbed.js');
    const products = await prepareProducts(forCall(this.#context, options), request);
    return new Built(this.#context, this.#place, products);
  }

  /**
   * Builds what is missing and boots the guests. The testbed ends with the scope that it is bound to with `await using`,
   * unless it is detached.
   * @throws as {@link build} and as `up` of what it gives
   */
  async up(request: UpRequest = {}, options: CallOptions = {}): Promise<ScopedTestbed> {
    const { machinesAndBuild } = await import('./up/resolve-machines.js');
    const { bringUp } = await import('./up/bring-up.js');
    const { makeProducts, prepareHost } = await import('./build/prepare.js');
    const { machines, build } = await machinesAndBuild(this.#context, request);
    const supply = {
      prepareHost: async (context: Context) => prepareHost(context, build),
      products: async (context: Context) => makeProducts(context, build),
    };
    return await bringUp(this.#context, this.#place, machines, supply, options);
  }

  /**
   * The testbed of this name that is up already, whoever brought it up. It is not bound to any scope.
   * @throws NotRunningError when there is none
   * @throws RelayedError with code E_NOT_UP_YET while it boots, E_HOST_INPUT while it runs cells in virtual time
   */
  async attach(options: CallOptions = {}): Promise<RunningTestbed> {
    const link = this.#link;
    return new RunningTestbed(link, await link.ask<TestbedStatus>({ verb: 'attach' }, options));
  }

  /** Whether {@link attach} would find it up. */
  async isUp(options: CallOptions = {}): Promise<boolean> {
    try {
      return (await this.status(options)).state === 'up';
    } catch (thrown) {
      if (meansNotRunning(thrown)) return false;
      throw thrown;
    }
  }

  /** What the testbed does at the moment, in whatever state it is. @throws NotRunningError */
  async status(options: CallOptions = {}): Promise<TestbedStatus> {
    return await this.#link.ask({ verb: 'status' }, options);
  }

  /**
   * Snapshots without end of what its stretched processes do, and of where their pages are; also while it is down, and on
   * when it is up again. Each guest is read by a program of its own, which takes 0.4 % of a processor at most.
   * @throws RequestError for less than 500 ms
   */
  async *watch(options: WatchOptions = {}): AsyncGenerator<Snapshot, never> {
    const { watchTestbed } = await import('./watch/watch-testbed.js');
    return yield* watchTestbed(this.#link, options);
  }

  /** Ends the testbed and everything that it started. @returns whether there was one */
  async down(options: CallOptions = {}): Promise<boolean> {
    return await endTestbed(this.#link, options);
  }

  /**
   * A scenario's cells: plain data, which can be looked at, stored, and given to {@link run}.
   * @param scenario a file, or the name of one of the project's own
   * @throws ScenarioError with everything that is wrong with the file, ScenarioMissingError
   * @throws EmptyPlanError when there is nothing to run
   */
  async plan(scenario: string, overrides: PlanOverrides = {}): Promise<Plan> {
    const { loadScenario } = await import('../experiment/scenario/load-scenario.js');
    const { planScenario } = await import('../experiment/scenario/plan.js');
    const { repeats, only, time, seed } = overrides;
    // Records keep the overrides, so that they have to be nothing else.
    const given = {
      ...(repeats === undefined ? {} : { repeats }),
      ...(only === undefined ? {} : { only }),
      ...(time === undefined ? {} : { time }),
      ...(seed === undefined ? {} : { seed }),
    };
    return planScenario(await loadScenario(this.#context, scenario, given), given);
  }

  /**
   * What {@link run} of a plan is going to take, going by the same cells when they were last run on this host. What was
   * never run is counted, and left out of the figures. Builds and boots nothing.
   */
  async estimate(plan: Plan, request: BuildRequest = {}): Promise<RunEstimate> {
    const { estimateRun } = await import('./run/measure-plan.js');
    return await estimateRun(this.#context, plan, request);
  }

  /**
   * Runs every cell of a scenario or a plan on guests that are booted for it, and keeps the records. What is up under this
   * name has no part in it. A cell that does not end well is recorded, and does not make this reject.
   * @throws as {@link plan} and {@link build}
   * @throws RelayedError with code E_HOST_UNFIT when no cell can run on this host
   */
  async run(scenario: string, options?: ScenarioRunOptions): Promise<RunResults>;
  async run(plan: Plan, options?: RunOptions): Promise<RunResults>;
  async run(what: string | Plan, options: ScenarioRunOptions = {}): Promise<RunResults> {
    const { measurePlan } = await import('./run/measure-plan.js');
    const plan = typeof what === 'string' ? await this.plan(what, options) : what;
    return await measurePlan(this.#context, plan, options);
  }

  /**
   * Runs the cells that an interrupted run has left undone, and those in error.
   * @param run as for {@link Results.open}
   * @throws RunNotFoundError
   * @throws RelayedError with code E_RUN_MISMATCH when kernel, image or QEMU are not what it was begun with
   */
  async resume(run: string, options: RunOptions = {}): Promise<RunResults> {
    const { resumeRun } = await import('./run/measure-plan.js');
    return await resumeRun(this.#context, await this.results.open(run), options);
  }

  /** The way to a supervisor, whether or not there is one. */
  get #link(): SupervisorLink {
    return new SupervisorLink(this.#context, this.#place);
  }
}
