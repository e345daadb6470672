import type { ControlMessageInput } from '@flotilla/contracts/agent';
import { Outbox } from './outbox.js';

/** A stream whose reader can be stopped. */
class FakeSink {
  readonly written: ControlMessageInput[] = [];
  isFull = false;
  private drained: (() => void) | undefined;
  write(message: ControlMessageInput): boolean {
    this.written.push(message);
    return !this.isFull;
  }
  once(_event: 'drain', listener: () => void): void {
    this.drained = listener;
  }
  drain(): void {
    this.isFull = false;
    this.drained?.();
  }
}

describe('the outbox of a stream', () => {
  it('writes at once, under the epoch of the stream', () => {
    const sink = new FakeSink();
    new Outbox(
      sink,
      () => 7,
      () => undefined,
    ).send({ query: { actionId: 'act_1' } });
    expect(sink.written).toEqual([{ epoch: 7, query: { actionId: 'act_1' } }]);
  });

  it('stops at write() === false: acknowledgements melt into the last one, the rest waits in order', () => {
    const sink = new FakeSink();
    const outbox = new Outbox(
      sink,
      () => 1,
      () => undefined,
    );
    sink.isFull = true;
    outbox.send({ query: { actionId: 'a' } });
    outbox.send({ ack: { walEpoch: 5, throughSeq: 10, rejected: [{ seq: 9, reason: 'x' }] } });
    outbox.send({ query: { actionId: 'b' } });
    outbox.send({ ack: { walEpoch: 5, throughSeq: 20, rejected: [{ seq: 12, reason: 'y' }] } });
    expect(sink.written).toHaveLength(1);
    sink.drain();
    expect(sink.written.slice(1)).toEqual([
      { epoch: 1, query: { actionId: 'b' } },
      {
        epoch: 1,
        ack: {
          walEpoch: 5,
          throughSeq: 20,
          rejected: [
            { seq: 9, reason: 'x' },
            { seq: 12, reason: 'y' },
          ],
        },
      },
    ]);
  });

  it('gives up on a reader who never reads', () => {
    const sink = new FakeSink();
    let overflows = 0;
    const outbox = new Outbox(
      sink,
      () => 1,
      () => (overflows += 1),
      3,
    );
    sink.isFull = true;
    for (let i = 0; i < 5; i += 1) outbox.send({ query: { actionId: `act_${i}` } });
    expect(overflows).toBe(1); // one is on the wire, three wait, the fifth is too many
  });
});
