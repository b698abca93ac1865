// SPDX-License-Identifier: MIT
import type { EventSink, StageProgress, TestbedEvent, TimeLeft } from '../../base/event/event.js';
import { duration } from './duration.js';
import { estimateText } from './estimate-text.js';
import { progressText } from './progress-text.js';
import { timeLeftText } from './time-left-text.js';
import { waitingText } from './waiting-text.js';

/** A long stage prints its progress at most this often. */
const PROGRESS_EVERY_MS = 15_000;

/** Events as lines, for logs and CI: a line when a stage starts or ends, and some with its progress. */
export function plainLines(write: (line: string) => void): EventSink {
  const titles = new Map<string, string>();
  const lastSaid = new Map<string, number>();
  const progress = (event: StageProgress): void => {
    const since = event.at - (lastSaid.get(event.id) ?? event.at);
    if (!lastSaid.has(event.id)) lastSaid.set(event.id, event.at);
    if (since < PROGRESS_EVERY_MS) return;
    lastSaid.set(event.id, event.at);
    write(`   .. ${titles.get(event.id) ?? event.id}: ${progressText(event)}`);
  };
  let leftSaid: number | undefined;
  const left = (event: TimeLeft): void => {
    if (leftSaid !== undefined && event.at - leftSaid < PROGRESS_EVERY_MS) return;
    leftSaid = event.at;
    write(` note ${timeLeftText(event)}`);
  };
  return (event: TestbedEvent) => {
    switch (event.type) {
      case 'stage-started':
        titles.set(event.id, event.title);
        write(`  --> ${event.title}`);
        return;
      case 'stage-progress':
        progress(event);
        return;
      case 'stage-waiting':
        write(`   .. ${titles.get(event.id) ?? event.id}: ${waitingText(event)}`);
        return;
      case 'stage-finished': {
        lastSaid.delete(event.id);
        const note = event.note === undefined ? '' : ` (${event.note})`;
        write(
          `${LABEL[event.outcome]} ${titles.get(event.id) ?? event.id}, ${duration(event.elapsedMs)}${note}`,
        );
        return;
      }
      case 'notice':
        write(`${event.level === 'warning' ? ' warn' : ' note'} ${event.text}`);
        return;
      case 'time-left':
        left(event);
        return;
      case 'run-planned':
        write(` note ${estimateText(event)}`);
        return;
      case 'cell-finished':
        write(` cell ${event.cell}: ${event.status}${event.note === undefined ? '' : ` (${event.note})`}`);
        return;
      case 'console-line':
      case 'command-output':
        return;
    }
  };
}

const LABEL = { done: ' done', unchanged: ' same', skipped: ' skip', failed: ' FAIL' } as const;
