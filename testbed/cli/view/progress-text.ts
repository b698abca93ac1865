// SPDX-License-Identifier: MIT
import type { StageProgress } from '../../base/event/event.js';

/** The progress of a stage: `312 of 1,204 files · CC mm/memory.o`. */
export function progressText(step: Pick<StageProgress, 'done' | 'total' | 'unit' | 'note'>): string {
  return [amount(step), step.note ?? ''].filter((part) => part !== '').join(' · ');
}

function amount({ done, total, unit }: Pick<StageProgress, 'done' | 'total' | 'unit'>): string {
  if (done === undefined) return '';
  const show = (value: number): string =>
    unit === 'bytes' ? `${(value / 1e6).toFixed(1)} MB` : value.toLocaleString('en');
  const of = total === undefined ? show(done) : `${show(done)} of ${show(total)}`;
  return unit === undefined || unit === 'bytes' ? of : `${of} ${unit}`;
}
