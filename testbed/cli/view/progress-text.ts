// SPDX-License-Identifier: MIT
import type { StageProgress } from '../../base/event/event.js';
import { roughly } from './duration.js';

/** The progress of a stage: `3 of 8 cells · local/heap-sort/16M/r1 · some 2 min left`. */
export function progressText(step: Omit<StageProgress, 'type' | 'at' | 'id'>): string {
  const left = step.leftMs === undefined ? '' : `some ${roughly(step.leftMs)} left`;
  return [amount(step), step.note ?? '', left].filter((part) => part !== '').join(' · ');
}

function amount({
  done,
  total,
  unit,
  approximate = false,
}: Omit<StageProgress, 'type' | 'at' | 'id'>): string {
  if (done === undefined) return '';
  const show = (value: number): string =>
    unit === 'bytes' ? `${(value / 1e6).toFixed(1)} MB` : value.toLocaleString('en');
  const of =
    total === undefined ? show(done) : `${show(done)} of ${approximate ? 'some ' : ''}${show(total)}`;
  return unit === undefined || unit === 'bytes' ? of : `${of} ${unit}`;
}
