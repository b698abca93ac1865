// SPDX-License-Identifier: MIT
import test from 'ava';
import {
  encodeFrame,
  FrameDecoder,
  FrameError,
  FrameType,
  MAX_PAYLOAD,
} from '../../testbed/supervisor/frame.js';

test('frames survive being cut anywhere', (t) => {
  const stream = Buffer.concat([
    encodeFrame(FrameType.Stdout, 'hello'),
    encodeFrame(FrameType.Stdin, ''),
    encodeFrame(FrameType.Result, '{"code":0}'),
  ]);
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const decoder = new FrameDecoder();
    const frames = [...decoder.push(stream.subarray(0, cut)), ...decoder.push(stream.subarray(cut))];
    t.deepEqual(
      frames.map(({ type, payload }) => [type, payload.toString()]),
      [
        [FrameType.Stdout, 'hello'],
        [FrameType.Stdin, ''],
        [FrameType.Result, '{"code":0}'],
      ],
    );
  }
});

test('a length above the bound is refused before anything is kept for it', (t) => {
  const header = Buffer.alloc(5);
  header.writeUInt8(FrameType.Stdout, 0);
  header.writeUInt32BE(MAX_PAYLOAD + 1, 1);
  t.throws(() => [...new FrameDecoder().push(header)], { instanceOf: FrameError });
});

test('an unknown type is refused', (t) => {
  t.throws(() => [...new FrameDecoder().push(Buffer.from([99, 0, 0, 0, 0]))], { instanceOf: FrameError });
});
