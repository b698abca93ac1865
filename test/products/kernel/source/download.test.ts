// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock, type Clock } from '../../../../testbed/base/clock/clock.js';
import type { Stage } from '../../../../testbed/base/event/stage.js';
import type { Context } from '../../../../testbed/base/host/context.js';
import { download, type Download } from '../../../../testbed/products/kernel/source/download.js';
import {
  SourceHashError,
  SourceNotFoundError,
  SourceTruncatedError,
  SourceUnreachableError,
} from '../../../../testbed/products/kernel/line/errors.js';
import { hashText } from '../../../../testbed/products/store/file-hash.js';
import { ManualClock } from '../../../base/clock/manual-clock.js';
import { DEAD_PORT } from '../../../base/dead-port.js';
import { SILENT } from '../project.js';

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));

interface Server {
  readonly url: URL;
  /** The Range header of each request, in order. */
  readonly ranges: (string | undefined)[];
}

async function server(
  t: ExecutionContext,
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<Server> {
  const ranges: (string | undefined)[] = [];
  const http = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response, ranges.length);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.teardown(async () => {
    http.closeAllConnections();
    http.close();
    await once(http, 'close');
  });
  const { port } = http.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/linux.tar.xz`), ranges };
}

/** Serves CONTENT, or the rest of it where that is asked for. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const from = startOf(request);
  if (from > 0) response.writeHead(206, { 'content-length': CONTENT.length - from });
  else response.writeHead(200, { 'content-length': CONTENT.length });
  response.end(CONTENT.subarray(from));
}

/**
 * Promises the rest of CONTENT, sends some bytes of it, and hangs up when they have arrived. (What has not been read
 * by then would be lost with the connection.)
 */
class Unreliable {
  #open: ServerResponse | undefined;
  readonly stage: Stage = {
    ...SILENT,
    progress: ({ done }) => {
      if (done === this.#arrived) this.#open?.destroy();
    },
  };
  #arrived = 0;

  serve(bytes: number, request: IncomingMessage, response: ServerResponse): void {
    const from = startOf(request);
    this.#open = response;
    this.#arrived = from + bytes;
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': CONTENT.length - from });
    response.write(CONTENT.subarray(from, from + bytes));
  }
}

function startOf(request: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
}

async function wish(t: ExecutionContext, url: URL, sha256 = hashText(CONTENT)): Promise<Download> {
  const folder = await mkdtemp(join(tmpdir(), 'download-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return { line: 'linux-test', url, sha256, file: join(folder, 'downloads', 'linux.tar.xz') };
}

function host(
  clock: Clock = systemClock,
  signal = new AbortController().signal,
): Pick<Context, 'clock' | 'signal'> {
  return { clock, signal };
}

test('a file that comes whole and right gets its name', async (t) => {
  const { url } = await server(t, serve);
  const wanted = await wish(t, url);
  const steps: number[] = [];
  await download(host(), wanted, { ...SILENT, progress: (step) => void steps.push(step.done ?? 0) });
  t.deepEqual(await readFile(wanted.file), CONTENT);
  t.is(steps.at(-1), CONTENT.length);
});

test('a transfer that breaks off goes on where it ended', async (t) => {
  const unreliable = new Unreliable();
  const { url, ranges } = await server(t, (request, response, count) => {
    if (count === 1) unreliable.serve(100_000, request, response);
    else serve(request, response);
  });
  const wanted = await wish(t, url);
  await download(host(), wanted, unreliable.stage);
  t.deepEqual(await readFile(wanted.file), CONTENT);
  t.deepEqual(ranges, [undefined, 'bytes=100000-']);
});

test('what an earlier command has fetched is not fetched again', async (t) => {
  const { url, ranges } = await server(t, serve);
  const wanted = await wish(t, url);
  await download(host(), wanted, SILENT);
  await writeFile(`${wanted.file}.part`, CONTENT.subarray(0, 250_000));
  await download(host(), wanted, SILENT);
  t.deepEqual(ranges, [undefined, 'bytes=250000-']);
});

test('a file that stays truncated is an error, and what came is kept for the next try', async (t) => {
  const unreliable = new Unreliable();
  const { url, ranges } = await server(t, (request, response) => {
    unreliable.serve(10_000, request, response);
  });
  const wanted = await wish(t, url);
  const error = await t.throwsAsync(download(host(), wanted, unreliable.stage), {
    instanceOf: SourceTruncatedError,
  });
  t.is(error.code, 'E_SOURCE_TRUNCATED');
  t.regex(error.message, / 40000 of 300000 bytes came$/);
  t.is(ranges.length, 4);
  t.is((await stat(`${wanted.file}.part`)).size, 40_000);
});

test('a wrong hash is an error, and the file is not kept', async (t) => {
  const { url } = await server(t, serve);
  const wanted = await wish(t, url, hashText('something else'));
  const error = await t.throwsAsync(download(host(), wanted, SILENT), { instanceOf: SourceHashError });
  t.regex(error.message, new RegExp(`has sha256 ${hashText(CONTENT)}, and not ${wanted.sha256}`));
  await t.throwsAsync(stat(wanted.file));
  await t.throwsAsync(stat(`${wanted.file}.part`));
});

test('the beginning of another file is found out, and everything is fetched anew', async (t) => {
  const { url, ranges } = await server(t, serve);
  const wanted = await wish(t, url);
  await download(host(), wanted, SILENT);
  await writeFile(`${wanted.file}.part`, 'not the beginning');
  await download(host(), wanted, SILENT);
  t.deepEqual(ranges, [undefined, 'bytes=17-', undefined]);
});

test('a part that is longer than the file (HTTP 416) is thrown away', async (t) => {
  const { url } = await server(t, (request, response) => {
    if (startOf(request) >= CONTENT.length) response.writeHead(416).end();
    else serve(request, response);
  });
  const wanted = await wish(t, url);
  await download(host(), wanted, SILENT);
  await writeFile(`${wanted.file}.part`, Buffer.concat([CONTENT, CONTENT]));
  await download(host(), wanted, SILENT);
  t.deepEqual(await readFile(wanted.file), CONTENT);
});

test('a server that cannot resume sends everything again', async (t) => {
  const { url } = await server(t, (_request, response) => {
    response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT);
  });
  const wanted = await wish(t, url);
  await download(host(), wanted, SILENT);
  await writeFile(`${wanted.file}.part`, CONTENT.subarray(0, 1000));
  await download(host(), wanted, SILENT);
  t.deepEqual(await readFile(wanted.file), CONTENT);
});

test('a server that has no such file is an error of its own', async (t) => {
  const { url } = await server(t, (_request, response) => response.writeHead(404).end());
  const error = await t.throwsAsync(download(host(), await wish(t, url), SILENT), {
    instanceOf: SourceNotFoundError,
  });
  t.regex(error.message, /is not there \(HTTP 404\)$/);
});

test('a server that refuses counts as out of reach, with the reason', async (t) => {
  const url = new URL(`http://127.0.0.1:${DEAD_PORT}/linux.tar.xz`);
  const error = await t.throwsAsync(download(host(), await wish(t, url), SILENT), {
    instanceOf: SourceUnreachableError,
  });
  t.regex(error.reason, /ECONNREFUSED/);
});

test('a proxy that forbids counts as out of reach', async (t) => {
  const { url } = await server(t, (_request, response) => response.writeHead(403).end());
  const error = await t.throwsAsync(download(host(), await wish(t, url), SILENT), {
    instanceOf: SourceUnreachableError,
  });
  t.is(error.reason, 'it answers with HTTP status 403');
});

test('a server that says nothing for ten seconds counts as out of reach', async (t) => {
  let asked: () => void = () => undefined;
  const request = new Promise<void>((resolve) => (asked = resolve));
  const { url } = await server(t, () => {
    asked();
  });
  const clock = new ManualClock();
  const running = download(host(clock), await wish(t, url), SILENT);
  await request;
  clock.advance(10_000);
  const error = await t.throwsAsync(running, { instanceOf: SourceUnreachableError });
  t.is(error.reason, 'no answer within 10 s');
});

test('an abort ends a transfer, and what came is kept', async (t) => {
  const controller = new AbortController();
  const { url } = await server(t, (_request, response) => {
    response.writeHead(200, { 'content-length': CONTENT.length });
    response.write(CONTENT.subarray(0, 50_000));
  });
  const wanted = await wish(t, url);
  const running = download(host(undefined, controller.signal), wanted, {
    ...SILENT,
    progress: ({ done }) => {
      if (done === 50_000) controller.abort(new Error('enough'));
    },
  });
  await t.throwsAsync(running, { message: 'enough' });
  t.is((await stat(`${wanted.file}.part`)).size, 50_000);
});
