// SPDX-License-Identifier: MIT
import { ExitCode } from '../../base/error/exit-code.js';
import { TestbedError, type ErrorDetail } from '../../base/error/testbed-error.js';
import type { RemoteExit } from './session.js';

/** Lines of output that an error carries. */
const EXCERPT_LINES = 20;

/** The ssh connection to a node broke, or a request over it failed. */
export class RemoteError extends TestbedError {
  readonly code: `E_${string}` = 'E_SSH_LOST';
  readonly exitCode: ExitCode = ExitCode.Remote;
  readonly node: string;

  constructor(node: string, what: string, detail: Partial<ErrorDetail> = {}) {
    super(`${node}: ${what}`, {
      nextStep: `\`npx testbed logs ${node}\` shows the node's console; \`npx testbed status\` whether it lives.`,
      ...detail,
    });
    this.node = node;
  }
}

/** No ssh server answered in time. */
export class UnreachableError extends RemoteError {
  override readonly code = 'E_SSH_UNREACHABLE';
}

/** The server is not the guest that was booted, since it has another host key. */
export class HostKeyError extends RemoteError {
  override readonly code = 'E_SSH_HOST_KEY';

  constructor(node: string, expected: string, found: string) {
    super(node, `the ssh server has another host key than the one made for this testbed`, {
      nextStep: 'Something else answers at this address: `npx testbed down`, then `up` again.',
      excerpt: [`expected ${expected}`, `found    ${found}`],
    });
  }
}

/** The server does not accept the login key made for this testbed. */
export class AuthenticationError extends RemoteError {
  override readonly code = 'E_SSH_AUTHENTICATION';

  constructor(node: string, cause: unknown) {
    super(node, 'the ssh server does not accept the key made for this testbed', {
      nextStep: 'The guest was booted with other keys: `npx testbed down`, then `up` again.',
      cause,
    });
  }
}

/** A remote command that had to succeed did not. */
export class RemoteCommandFailed extends RemoteError {
  override readonly code = 'E_REMOTE_COMMAND';
  readonly argv: readonly string[];
  readonly exit: RemoteExit;

  constructor(node: string, argv: readonly string[], exit: RemoteExit, output: string) {
    const how = exit.signal === undefined ? `with status ${String(exit.code)}` : `by ${exit.signal}`;
    super(node, `${argv[0] ?? ''} ended ${how}: ${argv.join(' ')}`, {
      nextStep: 'The lines above are the last that it printed.',
      excerpt: lastLines(output),
    });
    this.argv = argv;
    this.exit = exit;
  }
}

/** A remote command printed more than fits into memory. */
export class OutputTooLongError extends RemoteError {
  override readonly code = 'E_REMOTE_OUTPUT';

  constructor(node: string, program: string, limit: number) {
    super(node, `${program} printed more than ${limit} bytes`, {
      nextStep: 'Write to a file on the node and fetch it with `npx testbed cp`.',
    });
  }
}

/** A copy failed, or parts of a tree were left out. Nothing incomplete is kept. */
export class TransferError extends RemoteError {
  override readonly code = 'E_TRANSFER';
}

/** An argument vector or environment that a Unix process cannot be given. */
export class RemoteArgumentError extends RemoteError {
  override readonly code = 'E_REMOTE_ARGUMENT';
  override readonly exitCode = ExitCode.Usage;

  constructor(node: string, what: string) {
    super(node, what, { nextStep: 'Pass long or binary data as a file or on standard input.' });
  }
}

function lastLines(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-EXCERPT_LINES);
}
