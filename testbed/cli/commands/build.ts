// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import type { CommandBody } from '../command/command.js';
import { PREPARATION_BRANCHES, prepareProducts } from '../start/preparation.js';
import { withView } from '../view/with-view.js';

/** `testbed build` */
export const build: CommandBody = async (invocation, session) => {
  const products = await withView(session, PREPARATION_BRANCHES, async () =>
    prepareProducts(session.context, invocation, { image: 'initramfs' }),
  );
  const { output } = session;
  if (output.json) output.object(products);
  else {
    output.line(`kernel  ${products.kernel.release}  ${products.kernel.bzImage}`);
    output.line(`image   ${products.image.name}  ${products.image.path}`);
  }
  return ExitCode.Ok;
};
