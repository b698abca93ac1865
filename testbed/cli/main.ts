// SPDX-License-Identifier: MIT
import { runCommandLine } from './run-command-line.js';

process.exitCode = await runCommandLine(process.argv.slice(2), process.env);
// Idle handles (a supervisor's pipes, a socket in time-wait) must not keep a finished command alive.
if (process.stdout.writableLength === 0 || process.stdout.destroyed) process.exit();
process.stdout.once('drain', () => process.exit());
process.stdout.once('error', () => process.exit());
