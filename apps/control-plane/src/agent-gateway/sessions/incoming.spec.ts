import fc from 'fast-check';
import { messageCodec } from '@flotilla/contracts/agent';
import { ENTRIES_MAX, readIncoming } from './incoming.js';

const codec = messageCodec('AgentMessage');

describe('reading what an agent sent', () => {
  it('reads a batch as the generated decoder does', () => {
    const entries = [{ event: { kind: 'xid', atMs: 5 } }, { record: { section: 'errors', json: Buffer.from('{}') } }];
    const walEpoch = Number.MAX_SAFE_INTEGER;
    const bytes = codec.encode({ epoch: 3, batch: { walEpoch, firstSeq: 300, entries } });
    const read = readIncoming(bytes);
    expect(read).toMatchObject({ kind: 'batch', epoch: 3, batch: { walEpoch, firstSeq: 300 } });
    expect(read.kind === 'batch' && read.batch.entries).toEqual(codec.decode(bytes).batch?.entries);
  });

  it('tells a broken entry from its neighbours', () => {
    const good = messageCodec('Entry').encode({ event: { kind: 'a' } });
    const bad = Buffer.of(0x0a, 0x05, 0x01);
    const block = (bytes: Buffer) => Buffer.concat([Buffer.of(0x1a, bytes.length), bytes]);
    const body = Buffer.concat([block(good), block(bad), block(good)]);
    const read = readIncoming(block(body));
    expect(read.kind === 'batch' && read.batch.entries.map((entry) => 'malformed' in entry)).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(['message', 'batch', 'malformed']).toContain(readIncoming(Buffer.from(bytes)).kind);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a number above 2^53', Buffer.of(0x08, ...Array(9).fill(0xff), 0x01), 'above 2^53'],
    ['a number without an end', Buffer.of(0x08, ...Array(12).fill(0xff)), 'ten bytes'],
    ['a length beyond the end', Buffer.of(0x1a, 0x7f), 'cut off'],
    ['a group', Buffer.of(0x0b), 'wire type 3'],
  ])('says that %s is malformed', (_, bytes, reason) => {
    expect(readIncoming(bytes)).toEqual({ kind: 'malformed', reason: expect.stringContaining(reason) });
  });

  it('bounds what small messages may become in memory', () => {
    const bomb = Buffer.concat(Array.from({ length: ENTRIES_MAX + 1 }, () => Buffer.of(0x1a, 0)));
    const length = Buffer.from([(bomb.length & 0x7f) | 0x80, ((bomb.length >> 7) & 0x7f) | 0x80, bomb.length >> 14]);
    expect(readIncoming(Buffer.concat([Buffer.of(0x1a), length, bomb]))).toMatchObject({ kind: 'malformed' });
    const live = codec.encode({ live: { devices: Array.from({ length: 140_000 }, () => ({})) } });
    expect(readIncoming(live)).toMatchObject({ kind: 'malformed', reason: expect.stringContaining('262144') });
  });
});
