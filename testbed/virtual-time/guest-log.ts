// SPDX-License-Identifier: MIT
import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../base/host/make-folder.js';
import type { Death } from '../machines/node/death.js';
import { diagnose } from '../machines/node/symptoms.js';

const TAIL_LINES = 40;

/** Writes a guest's console to a file. Each line begins with the virtual instant, in seconds, at which it ended. */
export class GuestLog {
  /** The first fatal report of its kernel. */
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
    await makeFolder(dirname(path));
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

/** Formats an instant as virtual seconds, such as `12.345678901`. */
export function instantText(ns: number): string {
  return `${Math.floor(ns / 1e9)}.${String(ns % 1e9).padStart(9, '0')}`;
}
