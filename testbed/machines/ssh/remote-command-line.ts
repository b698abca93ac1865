// SPDX-License-Identifier: MIT
import { RemoteArgumentError } from './errors.js';

/**
 * Longest command that is sent as a command, in bytes. dropbear refuses more than 9000 (MAX_CMD_LEN in sysoptions.h).
 */
const LONGEST_COMMAND = 8_192;

/** A command in the form that ssh sends. */
export interface CommandLine {
  /** For the remote login shell, any POSIX one. */
  readonly text: string;
  /** Bytes that the command expects on its standard input before its own input. */
  readonly preamble: Buffer | undefined;
}

/**
 * An argument vector as a command line that runs exactly this vector, in a process group of its own. The first line on
 * stderr is the group's number, with which a second channel can kill the whole group.
 * @throws RemoteArgumentError for an argument that execve(2) cannot carry
 */
export function commandLine(
  node: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): CommandLine {
  const script = `echo $$ >&2; ${exportLine(node, env)}exec setsid -- ${words(node, argv)}`;
  if (Buffer.byteLength(script) <= LONGEST_COMMAND) return { text: script, preamble: undefined };
  // With fullblock, dd reads exactly this number of bytes and leaves the rest of the input to the program.
  const preamble = Buffer.from(script);
  return {
    text: `eval "$(dd bs=${preamble.length} count=1 iflag=fullblock 2>/dev/null)"`,
    preamble,
  };
}

/**
 * An argument vector as a command line for a terminal, whose session is the process group.
 * @throws RemoteArgumentError for an argument that execve(2) cannot carry, or a command that is too long for ssh
 */
export function terminalCommandLine(node: string, argv: readonly string[]): string {
  const text = `exec ${words(node, argv)}`;
  if (Buffer.byteLength(text) > LONGEST_COMMAND)
    throw new RemoteArgumentError(node, `the command has more than ${LONGEST_COMMAND} bytes`);
  return text;
}

function exportLine(node: string, env: Readonly<Record<string, string>>): string {
  const assignments = Object.entries(env).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw new RemoteArgumentError(node, `${JSON.stringify(name)} cannot be the name of a variable`);
    return `${name}=${quoted(node, value)}`;
  });
  return assignments.length === 0 ? '' : `export ${assignments.join(' ')}; `;
}

function words(node: string, argv: readonly string[]): string {
  return argv.map((word) => quoted(node, word)).join(' ');
}

/** In single quotes a POSIX shell takes every byte literally, except the quote itself. */
function quoted(node: string, word: string): string {
  if (word.includes('\0')) throw new RemoteArgumentError(node, 'an argument or variable contains a NUL byte');
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
