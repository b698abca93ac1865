// SPDX-License-Identifier: MIT
/**
 * A port of 127.0.0.1 on which nobody listens. One that a closed server had would not do: another test's server may get it
 * next. The kernel gives out none below 1024.
 */
export const DEAD_PORT = 2;
