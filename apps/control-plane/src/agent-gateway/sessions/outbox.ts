import type { AckInput, ControlMessageInput } from '@flotilla/contracts/agent';

/** What it needs of a gRPC stream. */
export interface Sink {
  write(message: ControlMessageInput): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

/**
 * What waits to be written to one agent. Honours `write() === false`: while the agent does not read, acknowledgements
 * melt into one (they are cumulative) and the rest waits in order, up to a bound.
 */
export class Outbox {
  private readonly waiting: ControlMessageInput[] = [];
  private ack: AckInput | undefined;
  private blocked = false;

  constructor(
    private readonly sink: Sink,
    private readonly epoch: () => number,
    private readonly onOverflow: () => void,
    private readonly maxWaiting = 1_000,
  ) {}

  send(body: Omit<ControlMessageInput, 'epoch'>): void {
    if (!this.blocked) return this.write(body);
    if (body.ack) {
      const rejected = [...(this.ack?.rejected ?? []), ...(body.ack.rejected ?? [])];
      this.ack = { ...body.ack, rejected: rejected.slice(-10_000) };
      return;
    }
    if (this.waiting.length >= this.maxWaiting) return this.onOverflow();
    this.waiting.push(body);
  }

  private write(body: Omit<ControlMessageInput, 'epoch'>): void {
    if (this.sink.write({ epoch: this.epoch(), ...body })) return;
    this.blocked = true;
    this.sink.once('drain', () => this.flush());
  }

  private flush(): void {
    this.blocked = false;
    while (!this.blocked && this.waiting.length > 0) this.write(this.waiting.shift()!);
    if (this.blocked || !this.ack) return;
    const ack = this.ack;
    this.ack = undefined;
    this.write({ ack });
  }
}
