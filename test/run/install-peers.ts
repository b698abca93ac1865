// SPDX-License-Identifier: MIT
import { installPeers } from './peers.js';

/** For `.ci/run`: lint comes before `npm test`, which installs them as well. */
await installPeers((line) => void process.stdout.write(`${line}\n`));
