// SPDX-License-Identifier: MIT
/*
 * Every class of error that a user may see. What a supervisor threw comes as a RelayedError, whose `code` is that of the
 * class it had there.
 */
export { DeadlineError } from '../base/clock/deadline.js';
export { ExitCode } from '../base/error/exit-code.js';
export { UnusablePathError } from '../base/error/unusable-path.js';
export { InternalError, RelayedError, TestbedError } from '../base/error/testbed-error.js';
export * from '../base/host/errors.js';
export { InterruptedError } from '../base/lifecycle/interrupted-error.js';
export * from '../base/process/errors.js';
export * from '../products/debian/errors.js';
export * from '../products/image/errors.js';
export * from '../products/kernel/line/errors.js';
export * from '../products/store/errors.js';
export * from '../machines/flow/errors.js';
export * from '../machines/network/errors.js';
export * from '../machines/node/errors.js';
export * from '../machines/ssh/errors.js';
export * from '../experiment/result/errors.js';
export * from '../experiment/run/errors.js';
export * from '../experiment/scenario/errors.js';
export * from '../experiment/workload/errors.js';
export * from '../virtual-time/errors.js';
export * from '../supervisor/errors.js';
export { FrameError } from '../supervisor/frame.js';
export * from './context/errors.js';
export * from './node/errors.js';
export * from './up/errors.js';
