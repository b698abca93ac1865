#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// The package's bin: plain JavaScript, so that it is there before anything was compiled.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const compiled = new URL('../../dist/testbed/cli/main.js', import.meta.url);

if (existsSync(fileURLToPath(compiled))) {
  await import(compiled.href);
} else {
  console.error(
    'testbed: not compiled yet\n  next: npm ci   (or, after `npm ci --ignore-scripts`: npm run compile)',
  );
  process.exitCode = 70;
}
