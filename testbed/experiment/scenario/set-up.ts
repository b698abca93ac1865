// SPDX-License-Identifier: MIT

/** What a testbed that comes up is made ready for: programs that swap over the network, that stretch, both, or nothing. */
export type SetUp = 'swap' | 'elasticos' | 'both' | 'none';

const SWAP = ['nbd-setup'];
const ELASTICOS = ['setup-dest', 'setup-src'];

/** The set-up flows, in order. */
export const FLOWS: Readonly<Record<SetUp, readonly string[]>> = {
  swap: SWAP,
  elasticos: ELASTICOS,
  both: [...SWAP, ...ELASTICOS],
  none: [],
};

export const SET_UPS = Object.keys(FLOWS) as readonly SetUp[];
