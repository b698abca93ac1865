// SPDX-License-Identifier: MIT
import { sizeText } from '../scenario/quantity.js';
import type { SystemId } from '../scenario/scenario.js';
import { ratioText } from './figure-text.js';
import { type Group, ratio, sameWork } from './summary.js';

/** How many times as fast a system is as another one: medians of elapsed time, workload by workload. */
export interface SpeedUp {
  readonly system: SystemId;
  readonly against: SystemId;
  readonly each: readonly { readonly work: string; readonly factor: number }[];
  readonly geometricMean: number;
}

/** The systems that are compared with: network swap, network swap with read-ahead, and pulling without jumps. */
const BASELINES: readonly SystemId[] = ['nbd-swap', 'nbd-swap-readahead', 'elasticos-nojump'];

/** Compares every system that stretches with every baseline that has run some of the same work. */
export function speedUps(groups: readonly Group[]): readonly SpeedUp[] {
  const systems = new Set(groups.flatMap(({ system, elastic }) => (elastic === undefined ? [] : [system])));
  return [...systems].flatMap((system) =>
    BASELINES.filter((against) => against !== system).flatMap((against) => {
      const each = factors(groups, system, against);
      if (each.length === 0) return [];
      const logarithms = each.map(({ factor }) => Math.log(factor));
      const mean = logarithms.reduce((sum, value) => sum + value, 0) / each.length;
      return [{ system, against, each, geometricMean: Math.exp(mean) }];
    }),
  );
}

function factors(groups: readonly Group[], system: SystemId, against: SystemId): SpeedUp['each'] {
  const works = new Set(groups.map(({ footprintBytes }) => footprintBytes));
  return groups
    .filter((group) => group.system === system)
    .flatMap((group) => {
      const baseline = groups.find((other) => other.system === against && sameWork(group, other));
      const factor = ratio(baseline?.elapsed, group.elapsed);
      if (factor === undefined) return [];
      const size = works.size > 1 ? ` ${sizeText(group.footprintBytes)}` : '';
      return [{ work: `${group.workload}${size}`, factor }];
    });
}

/** `elasticos is 4.20x as fast as nbd-swap (geometric mean of 6: linear-search 21.0x, ...)`. */
export function speedUpText({ system, against, each, geometricMean }: SpeedUp): string {
  const list = each.map(({ work, factor }) => `${work} ${ratioText(factor)}`).join(', ');
  const mean = each.length > 1 ? `geometric mean of ${each.length}: ` : '';
  return `${system} is ${ratioText(geometricMean)} as fast as ${against} (${mean}${list})`;
}
