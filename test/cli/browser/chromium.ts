// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Debian's; installed by the test run where that may be done. */
const PROGRAM = '/usr/bin/chromium';

/** Why pages cannot be tried in a browser here; undefined when they can. */
export const WITHOUT_BROWSER = existsSync(PROGRAM) ? undefined : `there is no ${PROGRAM}`;

/** A browser without a window. It runs as root in a test, for which its own sandbox is not made. */
export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox', '--disable-gpu'] });
}
