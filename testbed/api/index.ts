// SPDX-License-Identifier: MIT
/*
 * What `import ... from 'elasticos-testbed'` gives. docs/api.md explains it. Classes of which a user makes no object are
 * exported as types.
 */
export { Testbed, type TestbedOptions } from './testbed.js';
export * from './errors.js';

export type { EventSink, TestbedEvent } from '../base/event/event.js';
export type { ErrorRecord } from '../base/error/testbed-error.js';
export type { CallOptions, ContextOptions } from './context/open-context.js';

export type { BuildRequest } from './build/build-request.js';
export type { Products } from '../machines/cluster/products.js';
export type { BuiltTestbed } from './up/built-testbed.js';

export type { MachinesRequest, UpRequest } from './up/up-request.js';
export type { FlowReport, RunningTestbed } from './up/running-testbed.js';
export type { ScopedTestbed } from './up/scoped-testbed.js';
export type { NodeStatus, TestbedStatus } from '../supervisor/protocol.js';

export type { Command, Finished, Streams, TestbedNode, WaitOptions } from './node/testbed-node.js';
export type { Installation } from './node/install-packages.js';
export type { ExecOptions } from '../machines/ssh/session.js';

export type { PageCell, PageMap } from './watch/page-map.js';
export type { NodeView, PlaceView, ProcessView, Snapshot, Traffic } from './watch/snapshot.js';
export type { WatchOptions } from './watch/watch-testbed.js';

export type { Cell, Plan, PlanOverrides } from '../experiment/scenario/plan.js';
export type { RunEstimate } from '../experiment/run/cell-costs.js';
export type { RunOptions, ScenarioRunOptions } from './run/run-request.js';

export type { CellRecord, CellStatus, Measurement } from '../experiment/result/cell-record.js';
export type { Comparison } from '../experiment/result/compare.js';
export type { Spread } from '../experiment/result/statistics.js';
export type { Group } from '../experiment/result/summary.js';
export type { RunTime } from '../experiment/result/run-time.js';
export type { CellComparison, ExactComparison } from '../virtual-time/comparison/exact-comparison.js';
export type { RunRecord } from '../experiment/result/run-record.js';
export type { Results } from './results/results.js';
export type { RunResults } from './results/run-results.js';
