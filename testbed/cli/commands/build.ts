// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { buildFlags } from '../command/build-flags.js';
import type { CommandBody } from '../command/command.js';
import { namedTestbed } from '../command/named-testbed.js';
import { BUILD_BRANCHES } from '../view/build-branches.js';
import { withView } from '../view/with-view.js';

/** `testbed build` */
export const build: CommandBody = async (invocation, session) => {
  const { context, output } = session;
  const testbed = namedTestbed(invocation, context);
  const { products } = await withView(session, BUILD_BRANCHES, async () =>
    testbed.build(buildFlags(invocation)),
  );
  if (output.json) output.object(products);
  else {
    output.line(`kernel  ${products.kernel.release}  ${products.kernel.bzImage}`);
    output.line(`image   ${products.image.name}  ${products.image.path}`);
  }
  return ExitCode.Ok;
};
