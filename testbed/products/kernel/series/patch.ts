// SPDX-License-Identifier: MIT
import { TESTBED_IDENTITY } from '../line/git.js';

/** The mail-style header of a patch. */
export interface PatchHeader {
  readonly subject: string;
  /** The description, without the subject, the diffstat and the diff. */
  readonly body: string;
  readonly author: { readonly name: string; readonly email: string };
  /** As git reads dates. */
  readonly date: string;
}

/**
 * Reads a header as `git format-patch` writes it. Missing fields are taken from `name`, the patch's file name, and from
 * the testbed's own identity.
 */
export function parsePatchHeader(name: string, text: string): PatchHeader {
  const preamble = text.slice(0, diffStart(text));
  const end = preamble.search(/^---$/m);
  const lines = (end === -1 ? preamble : preamble.slice(0, end)).split('\n');
  const fields = new Map<string, string>();
  let last: string | undefined;
  let at = 0;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const field = /^([A-Z][A-Za-z-]*): *(.*)$/.exec(line);
    if (field?.[1] !== undefined) {
      last = field[1].toLowerCase();
      fields.set(last, field[2] ?? '');
    } else if (/^[ \t]/.test(line) && last !== undefined) {
      fields.set(last, `${fields.get(last) ?? ''} ${line.trim()}`);
    } else if (!/^From [0-9a-f]{40} /.test(line)) {
      break;
    }
  }
  const from = /^"?(.*?)"? *<(.+)>$/.exec(fields.get('from') ?? '');
  return {
    subject: (fields.get('subject') ?? name).replace(/^\[PATCH[^\]]*\] */, ''),
    body: lines.slice(at).join('\n').trim(),
    author: {
      name: from?.[1] ?? TESTBED_IDENTITY.name,
      email: from?.[2] ?? TESTBED_IDENTITY.email,
    },
    date: fields.get('date') ?? TESTBED_IDENTITY.date,
  };
}

/** A commit's message as it comes from a patch. */
export function commitMessage(header: PatchHeader): string {
  return header.body === '' ? `${header.subject}\n` : `${header.subject}\n\n${header.body}\n`;
}

/** One `@@` of a patch. */
export interface Hunk {
  readonly file: string;
  /** From 1, within the patch's changes to this file. */
  readonly number: number;
  /** First line in the old file. */
  readonly oldStart: number;
  readonly header: string;
}

export function parseHunks(text: string): readonly Hunk[] {
  const hunks: Hunk[] = [];
  let file = '';
  let number = 0;
  for (const line of text.slice(diffStart(text)).split('\n')) {
    const target = /^(?:---|\+\+\+) [ab]\/(.+?)(?:\t.*)?$/.exec(line);
    if (target?.[1] !== undefined) {
      file = target[1];
      number = 0;
    }
    const range = /^@@ -(\d+)/.exec(line);
    if (range === null) continue;
    number += 1;
    hunks.push({ file, number, oldStart: Number(range[1]), header: line });
  }
  return hunks;
}

function diffStart(text: string): number {
  const start = text.search(/^(diff --git |Index: |--- \S+\n\+\+\+ )/m);
  return start === -1 ? text.length : start;
}
