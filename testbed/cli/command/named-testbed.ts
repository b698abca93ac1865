// SPDX-License-Identifier: MIT
import { Testbed } from '../../api/testbed.js';
import type { Context } from '../../base/host/context.js';
import { isTestbedName } from '../../supervisor/registry.js';
import type { Invocation } from './command.js';
import { UsageError } from './errors.js';

/**
 * The testbed that `--name` names.
 * @throws UsageError for a name that cannot be part of a path
 */
export function namedTestbed(invocation: Invocation, context: Context): Testbed {
  const name = invocation.text('name') ?? 'default';
  if (!isTestbedName(name)) {
    throw new UsageError(
      `${name} is not a valid name for a testbed`,
      'Names have 1 to 32 lower-case letters, digits and dashes.',
    );
  }
  const { paths, events: onEvent, signal, offline } = context;
  return new Testbed({ name, paths, onEvent, signal, offline });
}
