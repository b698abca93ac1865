// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError } from '../../base/error/testbed-error.js';
import { RemoteError } from '../../machines/ssh/errors.js';
import { byteText } from '../../products/store/byte-text.js';

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

/** What is to be installed is no name of a Debian package. */
export class PackageNameError extends TestbedError {
  readonly code = 'E_PACKAGE_NAME';
  readonly exitCode = ExitCode.Usage;

  constructor(name: string) {
    super(`${JSON.stringify(name)} is not the name of a Debian package`, {
      nextStep: 'Names have small letters, digits, + - and dots; =VERSION may follow: strace, libc6=2.36-9.',
    });
  }
}

/** A guest has less room than packages would take. */
export class NoRoomOnNodeError extends TestbedError {
  readonly code = 'E_NODE_ROOM';
  readonly exitCode = ExitCode.Remote;

  constructor(
    node: string,
    {
      wanted,
      room,
      where,
    }: { readonly wanted: number; readonly room: number; readonly where: 'memory' | 'disk' },
  ) {
    super(`${node} has ${byteText(room)} of ${where} for files, and the packages take ${byteText(wanted)}`, {
      nextStep:
        where === 'memory'
          ? 'Files of this image are in RAM. Bring the testbed up with more --memory, or with --disk.'
          : 'Declare an image with more `megabytes` in images/, and bring it up with --image.',
    });
  }
}
