// SPDX-License-Identifier: MIT
import type { Invocation } from './command.js';
import { UsageError } from './errors.js';

/** The value of a flag that is a whole number. Undefined when it was not given. @throws UsageError */
export function wholeNumber(invocation: Invocation, flag: string, most: number): number | undefined {
  const text = invocation.text(flag);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new UsageError(
    `--${flag} is a number from 1 to ${most}, not ${text}`,
    "The command's --help has an example.",
  );
}
