// SPDX-License-Identifier: MIT
import { QuantityError } from '../../experiment/scenario/errors.js';
import type { Invocation } from './command.js';
import { UsageError } from './errors.js';

/** The value of a flag that is a size or a time, as `parse` reads it. Undefined when it was not given. @throws UsageError */
export function quantity(
  invocation: Invocation,
  flag: string,
  parse: (text: string) => number,
): number | undefined {
  const text = invocation.text(flag);
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (thrown) {
    if (!(thrown instanceof QuantityError)) throw thrown;
    throw new UsageError(`--${flag}: ${thrown.message}`, "The command's --help has an example.");
  }
}
