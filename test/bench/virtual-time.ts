// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import type { Products } from '../../testbed/machines/cluster/products.js';
import type { Context } from '../../testbed/base/host/context.js';
import type { Tool } from '../guest/tool.js';
import { testContext } from '../products/image/test-context.js';
import {
  errandProducts,
  type Errands,
  hostSecondsBetween,
  type Mark,
  runErrands,
  virtualSecondsBetween,
} from '../virtual-time/errand-guests.js';
import type { Figure } from './figure.js';
import { inTurn } from './stopwatch.js';

const MIB = 2 ** 20;
const ROUNDS = 3;

/** Some two thousand million instructions. */
const COMPUTE = [
  'mark begin',
  'for i in 1 2 3 4 5 6 7 8; do heap-sort --bytes 32M --seed $i >/dev/null; done',
  'mark end',
].join('\n');

const IDLE_S = 60;
const IDLE = ['sleep 1', 'mark begin', `sleep ${IDLE_S}`, 'mark end'].join('\n');

/** node2 lends node1 32 MiB, which node1 reads from beginning to end. */
const NBD_MIB = 32;
const SERVE = `EOS_NBD_SIZE=${NBD_MIB}M EOS_LOCAL_ADDRESS=10.77.0.LENDER EOS_REMOTE_MACHINE=10.77.0.READER nbd-setup.sh memory-node >/dev/console 2>&1`;
const READ = [
  'modprobe nbd',
  'until nbd-client -l 10.77.0.LENDER PORT >/dev/null 2>&1; do sleep 0.1; done',
  'nbd-client -nonetlink -b 4096 -N swap 10.77.0.LENDER PORT /dev/nbd0 >/dev/console 2>&1',
  'until [ "$(cat /sys/block/nbd0/size)" -gt 0 ]; do sleep 0.1; done',
  'mark begin',
  `dd if=/dev/nbd0 of=/dev/null bs=1M count=${NBD_MIB} 2>/dev/console`,
  'mark end',
].join('\n');

/** What virtual time costs, against the same guests without a common clock; the last figure against half of them. */
export const virtualTimeFigures = (['compute', 'idle', 'network', 'four'] as const).map(
  (name) =>
    async (tool: Tool, kernel: string): Promise<readonly Figure[]> => {
      const context = testContext({ signal: tool.signal });
      const products = await errandProducts(context, kernel);
      return [await new Bench(context, products, join(tool.folder, name))[name]()];
    },
);

class Bench {
  #runs = 0;

  constructor(
    readonly context: Context,
    readonly products: Products,
    readonly folder: string,
  ) {}

  async compute(): Promise<Figure> {
    const seconds = async (clock: Errands['clock'], scripts: readonly string[]): Promise<number> =>
      hostSecondsBetween(
        await this.#run({ scripts, clock, memoryBytes: 128 * MIB, until: 'end' }),
        'begin',
        'end',
      );
    const pair = await inTurn(
      ROUNDS,
      async () => seconds('lockstep', [COMPUTE, '']),
      async () => seconds('free', [COMPUTE]),
    );
    const name = 'a guest that computes beside an idle one, against no plugin';
    return { name, ...pair, unit: 's', compare: 'ratio', bound: 1.15 };
  }

  async idle(): Promise<Figure> {
    const marks = await this.#run({
      scripts: [IDLE, ''],
      clock: 'lockstep',
      memoryBytes: 128 * MIB,
      until: 'end',
    });
    return {
      name: "time of two idle guests, against the host's",
      ours: hostSecondsBetween(marks, 'begin', 'end'),
      theirs: virtualSecondsBetween(marks, 'begin', 'end'),
      unit: 's',
      compare: 'speed-up',
      bound: 20,
    };
  }

  async network(): Promise<Figure> {
    const pair = await inTurn(
      ROUNDS,
      async () => this.#reading('lockstep', 1),
      async () => this.#reading('free', 1),
    );
    const name = `${NBD_MIB} MiB over nbd, against -netdev stream`;
    return { name, ...pair, unit: 's', compare: 'ratio', bound: 2.5 };
  }

  async four(): Promise<Figure> {
    const pair = await inTurn(
      ROUNDS,
      async () => this.#reading('lockstep', 2),
      async () => this.#reading('lockstep', 1),
    );
    return { name: 'two such pairs, against one', ...pair, unit: 's', compare: 'ratio', bound: 2 };
  }

  /** Seconds for which node1 reads, with `pairs` - 1 more pairs that do the same. */
  async #reading(clock: Errands['clock'], pairs: number): Promise<number> {
    const scripts = Array.from({ length: pairs }, (_, i) => [
      placed(READ, 2 * i + 1),
      placed(SERVE, 2 * i + 1),
    ]).flat();
    const marks = await this.#run({ scripts, clock, memoryBytes: 128 * MIB, until: 'end' });
    return hostSecondsBetween(marks, 'begin', 'end');
  }

  async #run(errands: Errands): Promise<readonly Mark[]> {
    this.#runs += 1;
    return await runErrands(this.context, this.products, join(this.folder, String(this.#runs)), errands);
  }
}

/** @param reader index of the node that reads; the next one lends */
function placed(script: string, reader: number): string {
  return script
    .replaceAll('LENDER', String(reader + 1))
    .replaceAll('READER', String(reader))
    .replaceAll('PORT', String(10800 + reader));
}
