// SPDX-License-Identifier: MIT
/**
 * `node oracle-process.js WORKLOAD BYTES SEED`: prints the answer that the workload must give, as JSON. A process of
 * its own, since it takes the footprint's memory and blocks for seconds.
 */
import { answerTo } from './answer.js';
import { findWorkload } from '../workload.js';

const [name = '', bytes = '', seed = ''] = process.argv.slice(2);
const answer = answerTo({ workload: findWorkload(name).name, bytes: Number(bytes), seed: BigInt(seed) });
process.stdout.write(`${JSON.stringify(answer)}\n`);
