// SPDX-License-Identifier: MIT
import { Ajv } from 'ajv';

/** What `elastic watch` prints on a node: one line of JSON a reading. See guests/elastic/command/watch.c. */
export interface NodeReading {
  /** Milliseconds of a monotonic clock of the node. */
  readonly at: number;
  /** Processor time of the reading before, the manager's part included. */
  readonly costMicroseconds: number;
  readonly processes: readonly ProcessRow[];
}

/** A process at home, or a shell of another node's process. */
export interface ProcessRow {
  readonly pid: number;
  /** The same at home and for each shell; all zeroes when no manager has given one. */
  readonly cookie: string;
  readonly name: string;
  readonly managed: boolean;
  /** Number of this machine in the process, 0 for home. */
  readonly node: number;
  /** `running`, `parked`, `dead`, `whole`, or `threads`. */
  readonly state: string;
  readonly policy: string;
  readonly links: readonly { readonly node: number; readonly up: boolean }[];
  /** Pages; 0 for no limit. */
  readonly budgetPages: number;
  readonly residentPages: number;
  readonly jumpsOut: number;
  readonly pulledPages: number;
  readonly pushedPages: number;
  /** Left out while the process is whole. */
  readonly map?: NodeMap;
}

/** How many pages of a process are on one node, by pieces of the address space. */
export interface NodeMap {
  /** Pages of a piece: a power of two. Piece N begins at page N * cellPages. */
  readonly cellPages: number;
  readonly areas: readonly NodeArea[];
}

/** The pieces of one mapping. Two mappings may meet in a piece. */
export interface NodeArea {
  /** Number of the first piece. */
  readonly first: number;
  /** Pages of this mapping that are on this node, for each piece. */
  readonly here: readonly number[];
}

const COUNT = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const TEXT = { type: 'string', maxLength: 64 } as const;

const MAP = {
  type: 'object',
  required: ['cellPages', 'areas'],
  properties: {
    cellPages: { ...COUNT, minimum: 1 },
    areas: {
      type: 'array',
      maxItems: 512,
      items: {
        type: 'object',
        required: ['first', 'here'],
        properties: { first: COUNT, here: { type: 'array', items: COUNT } },
      },
    },
  },
} as const;

const LINK = {
  type: 'object',
  required: ['node', 'up'],
  properties: { node: COUNT, up: { type: 'boolean' } },
} as const;

const ROW_FIELDS = {
  pid: COUNT,
  cookie: TEXT,
  name: TEXT,
  managed: { type: 'boolean' },
  node: COUNT,
  state: TEXT,
  policy: TEXT,
  links: { type: 'array', items: LINK },
  budgetPages: COUNT,
  residentPages: COUNT,
  jumpsOut: COUNT,
  pulledPages: COUNT,
  pushedPages: COUNT,
} as const;

const READING = {
  type: 'object',
  required: ['at', 'costMicroseconds', 'processes'],
  properties: {
    at: COUNT,
    costMicroseconds: COUNT,
    processes: {
      type: 'array',
      items: {
        type: 'object',
        required: Object.keys(ROW_FIELDS),
        properties: { ...ROW_FIELDS, map: MAP },
      },
    },
  },
} as const;

const isReading = new Ajv().compile<NodeReading>(READING);

/**
 * Reads one line.
 * @throws SyntaxError when it is no reading
 */
export function parseReading(line: string): NodeReading {
  const value: unknown = JSON.parse(line);
  if (isReading(value)) return value;
  const [problem] = isReading.errors ?? [];
  throw new SyntaxError(`${problem?.instancePath ?? ''} ${problem?.message ?? 'is no reading'}`);
}
