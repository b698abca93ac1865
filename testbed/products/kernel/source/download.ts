// SPDX-License-Identifier: MIT
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../../base/host/make-folder.js';
import { DeadlineError, withDeadline } from '../../../base/clock/deadline.js';
import type { Stage } from '../../../base/event/stage.js';
import type { Context } from '../../../base/host/context.js';
import { reportFullDisk } from '../../store/disk-space.js';
import {
  SourceHashError,
  SourceNotFoundError,
  SourceTruncatedError,
  SourceUnreachableError,
} from '../line/errors.js';
import { hashFile } from '../../store/file-hash.js';
import type { LineId } from '../line/kernel-product.js';

export interface Download {
  readonly line: LineId;
  readonly url: URL;
  readonly sha256: string;
  /** Path of the whole, verified file. Until then it is `<file>.part`. */
  readonly file: string;
}

/** A server that has not begun to answer after this time counts as unreachable. */
const ANSWER_DEADLINE_MS = 10_000;

/** A transfer that brings nothing for this time has broken off. */
const STALL_DEADLINE_MS = 30_000;

/** How often a transfer that broke off is resumed. */
const RESUMPTIONS = 3;

type Surroundings = Pick<Context, 'clock' | 'signal'>;

/**
 * Fetches a file over HTTP, continuing where an earlier try broke off. It gets its name once its hash is right.
 * @throws SourceUnreachableError, SourceNotFoundError, SourceTruncatedError, SourceHashError, DiskFullError
 */
export async function download(context: Surroundings, wanted: Download, stage: Stage): Promise<void> {
  await makeFolder(dirname(wanted.file));
  const part = `${wanted.file}.part`;
  const resumed = (await sizeOf(part)) > 0;
  await reportFullDisk(part, `downloading ${wanted.url.href}`, () => fetchAll(context, wanted, part, stage));
  const found = await hashFile(part);
  if (found === wanted.sha256) {
    await rename(part, wanted.file);
    return;
  }
  await rm(part);
  // The part from an earlier try may be damaged or of another file, so the whole file is fetched once more.
  if (resumed) {
    await download(context, wanted, stage);
    return;
  }
  throw new SourceHashError(wanted.url.href, wanted.sha256, found);
}

/** Appends to `part` until it is as long as the server says. */
async function fetchAll(context: Surroundings, wanted: Download, part: string, stage: Stage): Promise<void> {
  for (let broken = 0; ; broken += 1) {
    const before = await sizeOf(part);
    const { total, cause } = await fetchRest(context, wanted, part, before, stage);
    if (cause === undefined) return;
    context.signal.throwIfAborted();
    const have = await sizeOf(part);
    if (broken === RESUMPTIONS) throw new SourceTruncatedError(wanted.url, have, total, cause);
  }
}

interface Transfer {
  /** Bytes of the whole file, when the server says how many. */
  readonly total: number | undefined;
  /** Why it broke off; undefined when everything came. */
  readonly cause: unknown;
}

async function fetchRest(
  context: Surroundings,
  wanted: Download,
  part: string,
  from: number,
  stage: Stage,
): Promise<Transfer> {
  const connection = new AbortController();
  const signal = AbortSignal.any([connection.signal, context.signal]);
  try {
    const response = await answer(context, wanted, from, signal);
    // The server answers 416 when the part is as long as the file, or longer. The hash decides.
    if (response.status === 416) return { total: from, cause: undefined };
    if (response.status === 404 || response.status === 410)
      throw new SourceNotFoundError(wanted.url, response.status);
    if (!response.ok) {
      throw new SourceUnreachableError(
        wanted.line,
        wanted.url,
        `it answers with HTTP status ${response.status}`,
      );
    }
    const start = response.status === 206 ? from : 0;
    const length = response.headers.get('content-length');
    const total = length === null ? undefined : start + Number(length);
    await using file = await open(part, start === 0 ? 'w' : 'a');
    const cause = await copy(context, response, file, (bytes) => {
      stage.progress({
        done: start + bytes,
        unit: 'bytes',
        ...(total === undefined ? {} : { total }),
      });
    });
    return { total, cause };
  } finally {
    connection.abort();
  }
}

async function answer(
  context: Surroundings,
  wanted: Download,
  from: number,
  signal: AbortSignal,
): Promise<Response> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (from > 0) headers['range'] = `bytes=${from}-`;
  try {
    return await withDeadline(
      { what: 'an answer', deadlineMs: ANSWER_DEADLINE_MS, clock: context.clock, signal: context.signal },
      () => fetch(wanted.url, { headers, signal }),
    );
  } catch (thrown) {
    context.signal.throwIfAborted();
    throw new SourceUnreachableError(wanted.line, wanted.url, whyUnreachable(thrown), thrown);
  }
}

/** fetch says only `fetch failed`. The reason is in its cause, and for several addresses in the cause of each. */
function whyUnreachable(thrown: unknown): string {
  if (thrown instanceof DeadlineError) return `no answer within ${ANSWER_DEADLINE_MS / 1000} s`;
  if (thrown instanceof AggregateError) return whyUnreachable(thrown.errors[0]);
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause === undefined ? thrown.message : whyUnreachable(thrown.cause);
}

/** @returns why the transfer broke off; undefined at its proper end */
async function copy(
  context: Surroundings,
  response: Response,
  file: FileHandle,
  onBytes: (bytes: number) => void,
): Promise<unknown> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  if (reader === undefined) return undefined;
  let bytes = 0;
  for (;;) {
    let chunk: Awaited<ReturnType<typeof reader.read>>;
    try {
      chunk = await withDeadline(
        { what: 'more of it', deadlineMs: STALL_DEADLINE_MS, clock: context.clock, signal: context.signal },
        () => reader.read(),
      );
    } catch (thrown) {
      return thrown;
    }
    if (chunk.done) return undefined;
    await file.writeFile(chunk.value);
    bytes += chunk.value.length;
    onBytes(bytes);
  }
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
