// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ProgramMissingError } from './errors.js';

/** The file that is executed when a program is started by its name or path, links followed. @throws ProgramMissingError */
export async function programPath(name: string, path = process.env['PATH'] ?? ''): Promise<string> {
  const folders = name.includes('/') ? [''] : path.split(delimiter).filter((part) => part !== '');
  for (const folder of folders) {
    const file = join(folder, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return await realpath(file);
  }
  throw new ProgramMissingError(name, undefined);
}
