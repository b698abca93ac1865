// SPDX-License-Identifier: MIT
import type { TrafficCounters } from '../machines/network/network.js';
import { TranscriptError } from './errors.js';

/** A line of the operator, and the traffic of each port's link by then. `traffic[0]` is node1's. */
export interface ReportLine {
  readonly atNs: number;
  readonly text: string;
  readonly traffic: readonly TrafficCounters[];
}

/** A moment of a run. */
export type Moment = Pick<ReportLine, 'atNs' | 'traffic'>;

/** How a step of a plan went. */
export interface StepTranscript {
  readonly begin: Moment;
  readonly end: Moment;
  /** Its exit status; `expired` when its deadline came first; `running` when it keeps running. */
  readonly how: number | 'expired' | 'running';
  readonly stdout: string;
  readonly stderr: string;
  /** The sockets of its node, where a listening port showed that the step was at work. */
  readonly sockets: string;
}

const STREAMS = { out: 'stdout', err: 'stderr', sockets: 'sockets' } as const;

/** The steps that were run, in order: all of the plan, or those up to the one that failed. @throws TranscriptError */
export function readTranscript(lines: readonly ReportLine[]): readonly StepTranscript[] {
  const steps: Draft[] = [];
  for (const line of lines) {
    const [verb = '', number = '', rest = ''] = line.text.split(' ');
    if (verb === 'ready' || verb === 'over') continue;
    if (verb === 'begin' && Number(number) === steps.length + 1) {
      steps.push({ begin: line, end: undefined, how: undefined, stdout: [], stderr: [], sockets: [] });
      continue;
    }
    const step = steps.at(-1);
    if (step === undefined || Number(number) !== steps.length) throw new TranscriptError(line.text);
    take(step, verb, rest, line);
  }
  return steps.flatMap(finished);
}

interface Draft {
  readonly begin: Moment;
  end: Moment | undefined;
  how: StepTranscript['how'] | undefined;
  readonly stdout: Buffer[];
  readonly stderr: Buffer[];
  readonly sockets: Buffer[];
}

function take(step: Draft, verb: string, rest: string, line: ReportLine): void {
  if (verb === 'end') {
    step.end = line;
    step.how = rest === 'expired' || rest === 'running' ? rest : Number(rest);
    if (Number.isNaN(step.how)) throw new TranscriptError(line.text);
  } else if (verb === 'out' || verb === 'err' || verb === 'sockets') {
    step[STREAMS[verb]].push(Buffer.from(rest, 'base64'));
  } else {
    throw new TranscriptError(line.text);
  }
}

/** A step that had not ended when the run ended is left out. */
function finished({ begin, end, how, ...streams }: Draft): readonly StepTranscript[] {
  if (end === undefined || how === undefined) return [];
  const text = (chunks: readonly Buffer[]): string => Buffer.concat([...chunks]).toString();
  return [
    {
      begin,
      end,
      how,
      stdout: text(streams.stdout),
      stderr: withoutGroup(text(streams.stderr)),
      sockets: text(streams.sockets),
    },
  ];
}

/** The first line is the number of the command's process group, see ssh/remote-command-line.ts. */
function withoutGroup(stderr: string): string {
  return stderr.slice(stderr.indexOf('\n') + 1);
}
