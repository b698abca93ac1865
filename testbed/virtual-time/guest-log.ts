// SPDX-License-Identifier: MIT
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Death } from '../machines/node/death.js';
import { diagnose } from '../machines/node/symptoms.js';

const TAIL_LINES = 40;

/** A guest's console: a line each, with the virtual instant of its end in front, in seconds. */
export class GuestLog {
  /** The first trouble that its kernel has reported. */
  death: (Death & { readonly atNs: number }) | undefined;
  readonly oomKills: { readonly process: string; readonly pid: number }[] = [];
  readonly #fd: number;
  #tail: string[] = [];

  private constructor(
    readonly name: string,
    readonly path: string,
  ) {
    this.#fd = openSync(path, 'w');
  }

  static async open(name: string, path: string): Promise<GuestLog> {
    await mkdir(dirname(path), { recursive: true });
    return new GuestLog(name, path);
  }

  /** The last lines, oldest first. */
  get tail(): readonly string[] {
    return this.#tail;
  }

  take(atNs: number, text: string): string {
    const line = Buffer.from(text.replace(/\r*\n?$/, ''), 'latin1').toString();
    writeSync(this.#fd, `${instantText(atNs)} ${line}\n`);
    this.#tail = [...this.#tail, line].slice(-TAIL_LINES);
    const symptom = diagnose(line);
    if (symptom?.kind === 'oom-kill') this.oomKills.push({ process: symptom.process, pid: symptom.pid });
    if (symptom?.kind === 'death') this.death ??= { ...symptom.death, atNs };
    return line;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** `12.345678901`: virtual seconds to the nanosecond. */
export function instantText(ns: number): string {
  return `${Math.floor(ns / 1e9)}.${String(ns % 1e9).padStart(9, '0')}`;
}
