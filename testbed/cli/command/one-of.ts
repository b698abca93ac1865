// SPDX-License-Identifier: MIT
import type { Invocation } from './command.js';
import { UsageError } from './errors.js';

/** The value of a flag that allows only some values. Undefined when it was not given. @throws UsageError */
export function oneOf<Value extends string>(
  invocation: Invocation,
  flag: string,
  values: readonly Value[],
): Value | undefined {
  const text = invocation.text(flag);
  if (text === undefined) return undefined;
  const found = values.find((value) => value === text);
  if (found !== undefined) return found;
  throw new UsageError(
    `--${flag} is ${values.join(' or ')}, not ${text}`,
    "The command's --help has an example.",
  );
}
