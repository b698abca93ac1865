// SPDX-License-Identifier: MIT
import type { TimeLeft } from '../../base/event/event.js';
import { roughly } from './duration.js';

/** How long a testbed is going to take: `some 5 min left until it is up`. */
export function timeLeftText({ leftMs, whole }: Pick<TimeLeft, 'leftMs' | 'whole'>): string {
  return `some ${roughly(leftMs)} left ${whole ? 'until it is up' : 'to build, and then the boot'}`;
}
