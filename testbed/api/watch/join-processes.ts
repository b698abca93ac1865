// SPDX-License-Identifier: MIT
import type { NodeReading, ProcessRow } from './node-reading.js';
import { addMaps } from './page-map.js';
import type { PlaceView, ProcessView, Traffic } from './snapshot.js';

/** The last two readings of a node. */
export interface ReadNode {
  readonly name: string;
  readonly latest: NodeReading;
  /** How long ago the latest one has come. */
  readonly ageMs: number;
  readonly before?: NodeReading;
}

/** A row and where it was read. */
interface Part {
  readonly node: ReadNode;
  readonly row: ProcessRow;
}

const NO_COOKIE = /^0*$/;
const NOTHING: Traffic = { jumps: 0, pulledPages: 0, pushedPages: 0 };

/** Puts together what the nodes say of each process: home knows its shells by the cookie. */
export function joinProcesses(nodes: readonly ReadNode[]): readonly ProcessView[] {
  const parts = nodes.flatMap((node) => node.latest.processes.map((row) => ({ node, row })));
  return parts.filter(({ row }) => row.node === 0).map((home) => joined([home, ...shellsOf(home, parts)]));
}

function shellsOf({ row: home }: Part, parts: readonly Part[]): readonly Part[] {
  if (NO_COOKIE.test(home.cookie)) return [];
  return parts
    .filter(({ row }) => row.node !== 0 && row.cookie === home.cookie)
    .sort((a, b) => a.row.node - b.row.node);
}

function joined(parts: readonly [Part, ...Part[]]): ProcessView {
  const [home] = parts;
  const { pid, name, state, policy } = home.row;
  const stretched = home.row.map !== undefined;
  const running = stretched ? lastSeenRunning(parts) : home;
  const map = addMaps(parts.map(({ node, row }) => ({ node: node.name, map: row.map })));
  return {
    pid,
    name,
    state,
    policy,
    ...(running === undefined ? {} : { runsOn: running.node.name }),
    places: parts.map((part) => placeOf(home, part)),
    total: parts.map(({ row }) => trafficOf(row)).reduce(sum),
    perSecond: parts.map(rateOf).reduce(sum),
    ...(map === undefined ? {} : { map }),
  };
}

/** Nodes are not read at one instant, so two can seem to run it, or none. */
function lastSeenRunning(parts: readonly Part[]): Part | undefined {
  const running = parts.filter(({ row }) => row.state === 'running');
  return running.sort((a, b) => a.node.ageMs - b.node.ageMs)[0];
}

function placeOf(home: Part, { node, row }: Part): PlaceView {
  const { residentPages, budgetPages } = row;
  const link = home.row.links.find((one) => one.node === row.node);
  return { node: node.name, residentPages, budgetPages, connected: row.node === 0 || link?.up === true };
}

function trafficOf({ jumpsOut, pulledPages, pushedPages }: ProcessRow): Traffic {
  return { jumps: jumpsOut, pulledPages, pushedPages };
}

/** By the node's own clock, so that a late line changes nothing. */
function rateOf({ node, row }: Part): Traffic {
  const { latest, before } = node;
  const earlier = before?.processes.find(({ pid, cookie }) => pid === row.pid && cookie === row.cookie);
  if (before === undefined || earlier === undefined || latest.at <= before.at) return NOTHING;
  const seconds = (latest.at - before.at) / 1000;
  const [now, then] = [trafficOf(row), trafficOf(earlier)];
  return {
    jumps: Math.max(0, now.jumps - then.jumps) / seconds,
    pulledPages: Math.max(0, now.pulledPages - then.pulledPages) / seconds,
    pushedPages: Math.max(0, now.pushedPages - then.pushedPages) / seconds,
  };
}

function sum(a: Traffic, b: Traffic): Traffic {
  return {
    jumps: a.jumps + b.jumps,
    pulledPages: a.pulledPages + b.pulledPages,
    pushedPages: a.pushedPages + b.pushedPages,
  };
}
