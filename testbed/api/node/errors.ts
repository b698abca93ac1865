// SPDX-License-Identifier: MIT
import { RemoteError } from '../../machines/ssh/errors.js';

/** A remote command that had to fail did not. */
export class RemoteCommandSucceeded extends RemoteError {
  override readonly code = 'E_REMOTE_SUCCEEDED';
  readonly argv: readonly string[];

  constructor(node: string, argv: readonly string[]) {
    super(node, `${argv[0] ?? ''} ended with status 0, and had to fail: ${argv.join(' ')}`, {
      nextStep: '`exec` takes whatever status the command ends with.',
    });
    this.argv = argv;
  }
}
