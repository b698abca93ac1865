// SPDX-License-Identifier: MIT
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { UsageError } from './errors.js';

/**
 * Node.js decodes arguments as UTF-8 and puts a replacement where they are not. Another file or another command than was
 * asked for would be meant then, so such a command line is refused.
 * @param bytes the command line as the kernel has it
 * @throws UsageError
 */
export function refuseOtherEncodings(bytes = readFileSync('/proc/self/cmdline')): void {
  if (isUtf8(bytes)) return;
  throw new UsageError(
    'an argument is not UTF-8, and would not arrive byte for byte',
    'Have the node\'s shell make it: npx testbed exec NODE -- sh -c \'COMMAND "$(printf "\\351")"\'',
  );
}
