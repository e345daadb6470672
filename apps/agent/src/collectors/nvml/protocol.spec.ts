import { frame, FrameError, FrameReader, type FromChild } from './protocol.js';

const xid: FromChild = { t: 'xid', code: 79, uuid: 'GPU-1', busId: '00000000:10:00.0' };
const failed: FromChild = { t: 'failed', reason: 'init', code: 9, words: 'a\nb' };

describe('the messages of the process that calls NVML', () => {
  it('come out as they went in, however the pipe cuts them', () => {
    const text = frame(xid) + frame(failed);
    for (let size = 1; size < text.length; size += 7) {
      const reader = new FrameReader();
      const got: FromChild[] = [];
      for (let at = 0; at < text.length; at += size) got.push(...reader.push(text.slice(at, at + size)));
      expect(got).toEqual([xid, failed]);
    }
  });

  it('are refused when they are none', () => {
    expect(() => new FrameReader().push('node: bad option\n')).toThrow(FrameError);
  });

  it('are refused when they never end', () => {
    const reader = new FrameReader();
    const chunk = 'x'.repeat(1024 * 1024);
    expect(() => {
      for (let i = 0; i < 17; i++) reader.push(chunk);
    }).toThrow('without an end');
  });
});
