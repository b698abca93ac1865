// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * The text of a file that somebody named. A pipe, a device or a socket is refused, where reading might never end.
 * @throws Error with the `code` of the system call that failed, or EINVAL; its message is fit for users
 */
export async function readRegularFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw systemError('EISDIR', `${path} is a directory`);
    if (!stats.isFile()) throw systemError('EINVAL', `${path} is a pipe or a device, not a file`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function systemError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}
