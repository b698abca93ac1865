// SPDX-License-Identifier: MIT
import type { RunPlanned } from '../../base/event/event.js';
import { byteText } from '../../products/store/byte-text.js';
import { roughly } from './duration.js';

/** What a run is going to take: `8 cells in virtual time; some 3 min and 4.0 MiB of disk`. */
export function estimateText(planned: Omit<RunPlanned, 'type' | 'at'>): string {
  const { cells, unknown, virtualTime, seconds, bytes } = planned;
  if (cells === 0) return 'no cell is left to be run';
  const what = `${cells} ${cells === 1 ? 'cell' : 'cells'}${virtualTime ? ' in virtual time' : ''}`;
  if (unknown === cells)
    return `${what}; time and disk are not known, since none like these was run on this host`;
  const figures = `some ${roughly(seconds * 1000)} and ${byteText(bytes)} of disk`;
  return unknown === 0
    ? `${what}; ${figures}`
    : `${what}; ${figures} for ${cells - unknown}, and more for ${unknown}, since none like these was run on this host`;
}
