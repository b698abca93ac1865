// SPDX-License-Identifier: MIT
import type { Context } from '../../base/host/context.js';
import { clearRemains, isTestbedName, testbedPlace, type TestbedPlace } from '../../supervisor/registry.js';
import type { Invocation } from './command.js';
import { UsageError } from './errors.js';

/**
 * The testbed that `--name` means, with what a killed supervisor left behind cleared away.
 * @throws UsageError for a name that cannot stand in paths
 */
export async function namedPlace(invocation: Invocation, context: Context): Promise<TestbedPlace> {
  const name = invocation.text('name') ?? 'default';
  if (!isTestbedName(name)) {
    throw new UsageError(
      `${name} is no name for a testbed`,
      'Names have 1 to 32 lower-case letters, digits and dashes.',
    );
  }
  const place = testbedPlace(context.paths, name);
  if (await clearRemains(place)) {
    context.events({
      type: 'notice',
      at: context.clock.now(),
      level: 'info',
      text: `cleared what a killed supervisor of ${name} left behind`,
    });
  }
  return place;
}
