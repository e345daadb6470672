import { status } from '@grpc/grpc-js';
import type { AckInput, AgentMessage, Hello, OfferInput } from '@flotilla/contracts/agent';
import type { HealthClear } from '../../instances/index.js';
import { CallError, isAway, toStatus } from '../grpc/status.js';
import { cutWhenStuck } from './cut.js';
import { Intake } from './intake.js';
import type { IntakeOwner } from './intake.js';
import type { Incoming } from './incoming.js';
import { claimOf, controlsOf } from './hello.js';
import { InventoryDesk } from './inventory.js';
import { storeLive } from './live.js';
import { Outbox } from './outbox.js';
import { DEFAULT_CONFIG, Pace } from './pace.js';
import { PulseRecord } from './pulse.js';
import { answerMessage } from './results.js';
import { helloFault, isAllowed, PROTOCOL } from './session-rules.js';
import type { SessionState } from './session-rules.js';
import type { AgentCall, Peer, SessionDeps } from './session.types.js';
import type { StoredRange, StoringTarget } from './store-entries.js';

/** Results and answers of one agent that are being stored at once; it repeats those that are not confirmed. */
const ANSWERS_MAX = 64;

/** One stream of one agent, from its Hello to its end. */
export class Session implements IntakeOwner {
  state: SessionState = 'hello';
  epoch = 0;
  readonly pulse: PulseRecord;
  readonly pace = new Pace((message) => this.outbox.send(message));
  readonly deviceIds = new Map<string, number>();
  private readonly openedAtMs: number;
  private readonly outbox: Outbox;
  private hello: Hello | undefined;
  private walEpoch = 0;
  private intake: Intake | undefined;
  private inventory: InventoryDesk | undefined;
  private spoolOldestSeq: number | undefined;
  private window: number;
  private answers = 0;
  private readingPaused = false;
  private liveBusy = false;

  constructor(
    private readonly call: AgentCall,
    readonly peer: Peer,
    private readonly deps: SessionDeps,
  ) {
    this.openedAtMs = deps.now();
    this.pulse = new PulseRecord(this.openedAtMs);
    this.window = deps.options.window;
    this.outbox = new Outbox(
      call,
      () => this.epoch,
      () => this.end(slowReader()),
    );
    call.on('data', (incoming: Incoming) => this.receive(incoming));
    call.on('end', () => this.end(null));
    call.on('error', () => this.end(null));
    call.on('cancelled', () => this.end(null));
  }

  get agent() {
    return this.peer.agent;
  }

  get target(): StoringTarget {
    return {
      agent: this.peer.agent,
      walEpoch: this.walEpoch,
      deviceIds: this.deviceIds,
      spoolOldestSeq: this.spoolOldestSeq,
    };
  }

  isClosed(): boolean {
    return this.state === 'closed';
  }

  /** Nothing of it waits for the database. */
  get isIdle(): boolean {
    return this.intake?.isIdle ?? true;
  }

  /** Looks at the deadlines of this stream. */
  tick(nowMs: number): void {
    const { options } = this.deps;
    if (this.state === 'hello' && nowMs - this.openedAtMs > options.helloTimeoutMs) {
      return this.end(new CallError(status.DEADLINE_EXCEEDED, 'no hello came within 30 s'));
    }
    if (this.peer.notAfterMs !== null && nowMs >= this.peer.notAfterMs) {
      return this.end(new CallError(status.UNAUTHENTICATED, 'the client certificate has ended: renew it'));
    }
    if (this.readingPaused) this.pulse.heard(nowMs);
    if (this.state === 'open' && this.pulse.silentMs(nowMs) > options.heartbeatS * options.missedHeartbeats * 1000) {
      return this.end(
        new CallError(status.UNAVAILABLE, `nothing was heard for ${options.missedHeartbeats} heartbeats`),
      );
    }
    this.grantWindow();
  }

  offer(offer: OfferInput): void {
    this.outbox.send({ offer });
  }

  cancelOffer(actionId: string): void {
    this.outbox.send({ cancelOffer: { actionId } });
  }

  query(actionId: string): void {
    this.outbox.send({ query: { actionId } });
  }

  clearHealth({ id, device, by, atMs }: HealthClear): void {
    this.outbox.send({ clearHealth: { clearId: id, device, by, atMs } });
  }

  resultAck(actionId: string): void {
    this.outbox.send({ resultAck: { actionId } });
  }

  drain(reconnectAfterMs: number, jitterMs: number): void {
    if (this.state === 'open') this.outbox.send({ drain: { reconnectAfterMs, jitterMs } });
  }

  askForInventory(): void {
    this.outbox.send({ sendInventory: {} });
  }

  acknowledge(ack: AckInput, stored: StoredRange): void {
    this.outbox.send({ ack });
    const first = stored.rejected[0];
    const error = first ? `entry ${first.seq}: ${first.reason}` : stored.warning;
    this.pulse.stored(stored.newestMinuteS, stored.rejected.length, stored.futureSamples, error);
  }

  fail(error: CallError): void {
    this.end(error);
  }

  pauseReading(): void {
    this.readingPaused = true;
    this.call.pause();
  }

  resumeReading(): void {
    this.readingPaused = false;
    this.pulse.heard(this.deps.now());
    this.call.resume();
  }

  /** Ends the stream. null: the agent went away by itself. */
  end(error: CallError | null): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.intake?.close();
    if (error) this.call.emit('error', Object.assign(error, toStatus(error)));
    else this.call.end();
    cutWhenStuck(this.call);
    this.deps.onClosed(this, error?.message ?? 'the agent closed the stream');
  }

  private receive(incoming: Incoming): void {
    if (this.state === 'closed') return;
    this.pulse.heard(this.deps.now());
    if (incoming.kind === 'malformed') {
      this.pulse.error(`a message could not be read: ${incoming.reason}`);
      this.pulse.stored(null, 1, 0, null);
      return;
    }
    const body = incoming.kind === 'batch' ? 'batch' : incoming.message.body;
    // a body that this version does not know: ignored, as unknown fields are
    if (body === undefined) return;
    if (!isAllowed(this.state, body)) {
      return this.end(new CallError(status.FAILED_PRECONDITION, `${body} came in the state ${this.state}`));
    }
    if (this.state === 'open' && incoming.epoch !== 0 && incoming.epoch !== this.epoch) {
      return this.end(new CallError(status.ABORTED, 'SUPERSEDED: the message carries the epoch of another stream'));
    }
    if (incoming.kind === 'batch') this.intake?.take(incoming.batch);
    else this.handle(incoming.message);
  }

  private handle(message: AgentMessage): void {
    if (message.hello) void this.open(message.hello);
    else if (message.heartbeat) this.heartbeat(message.heartbeat);
    else if (message.live) {
      // lossy: what comes while the one before waits for a device's id is left out
      if (this.liveBusy || this.state !== 'open') return;
      this.liveBusy = true;
      void storeLive(this.deps, this.target, message.live)
        .catch((error: unknown) => this.warn(error, 'what runs on the GPUs was not stored'))
        .finally(() => (this.liveBusy = false));
    } else if (message.inventory) void this.inventory?.take(message.inventory);
    else void this.answer(message);
  }

  private heartbeat(beat: NonNullable<AgentMessage['heartbeat']>): void {
    this.pulse.heartbeat(beat, this.deps.now());
    this.spoolOldestSeq = beat.spool?.oldestSeq || undefined;
    if (beat.runningActionIds.length === 0) return;
    this.deps.actions
      .renew(this.agent, beat.runningActionIds.slice(0, 1_000))
      .catch((error: unknown) => this.warn(error, 'the leases of running actions were not renewed'));
  }

  private async answer(message: AgentMessage): Promise<void> {
    if (this.answers >= ANSWERS_MAX) return;
    this.answers += 1;
    try {
      await answerMessage(this.deps, this, message);
    } catch (error) {
      this.warn(error, 'an answer of an agent was not stored; it repeats it');
    } finally {
      this.answers -= 1;
    }
  }

  private async open(hello: Hello): Promise<void> {
    this.state = 'opening';
    this.hello = hello;
    this.walEpoch = hello.walEpoch;
    this.spoolOldestSeq = hello.spool?.oldestSeq || undefined;
    try {
      const fault = helloFault(hello, this.agent.agentId);
      if (fault) throw new CallError(status.INVALID_ARGUMENT, fault);
      const claimed = await this.deps.claim(claimOf(this.peer, hello, this.deps.now()));
      if (!claimed) {
        throw new CallError(status.PERMISSION_DENIED, 'this agent was revoked or removed, or its tenant is suspended');
      }
      this.epoch = Number(claimed.epoch);
      for (const { uuid, id } of claimed.devices ?? []) this.deviceIds.set(`\n${uuid}`, id);
      const ackedSeq = await this.deps.position(this.agent, hello.walEpoch);
      // it may have ended while the database was asked; the compiler does not know that
      if ((this.state as SessionState) === 'closed') return this.deps.onClosed(this, 'the agent closed the stream');
      this.welcome(hello, ackedSeq, claimed.inventory_hash);
    } catch (error) {
      if (error instanceof CallError) return this.end(error);
      this.warn(error, 'a stream could not be opened');
      const { code, details } = toStatus(error);
      this.end(new CallError(code, details, isAway(error) ? 2_000 : undefined));
    }
  }

  private welcome(hello: Hello, ackedSeq: number, inventoryHash: string | null): void {
    const known = inventoryHash !== null && inventoryHash === hello.inventoryHash ? inventoryHash : '';
    this.intake = new Intake(this.deps, this, ackedSeq, this.deps.options.window);
    this.inventory = new InventoryDesk(this.deps, this, () => {
      this.deviceIds.clear();
      this.intake?.inventoryStored();
    });
    this.state = 'open';
    this.window = this.deps.budget.window(this.deps.options.window);
    this.outbox.send({
      welcome: {
        epoch: this.epoch,
        ackedSeq,
        heartbeatS: this.deps.options.heartbeatS,
        window: this.window,
        serverTimeMs: this.deps.now(),
        config: DEFAULT_CONFIG,
        protocol: Math.min(PROTOCOL.max, hello.maxProtocol),
        inventoryHash: known,
      },
    });
    this.pace.opened(hello.intervalS);
    this.deps.onOpen(this);
  }

  /** Settles with the actions what was going on, before new ones are offered. */
  async reconcile(): Promise<void> {
    const hello = this.hello;
    if (!hello) return;
    await this.deps.controllers.announce(this.agent, controlsOf(hello.controls));
    const { query } = await this.deps.actions.onHello(
      this.agent,
      hello.runningActionIds.slice(0, 1_000),
      hello.unackedResultActionIds.slice(0, 1_000),
    );
    for (const actionId of query) this.query(actionId);
    // five thousand of them are worth forgetting
    this.hello = undefined;
  }

  private grantWindow(): void {
    if (this.state !== 'open') return;
    const window = this.deps.budget.window(this.deps.options.window);
    if (window === this.window) return;
    this.window = window;
    this.outbox.send({ window: { batches: window } });
  }

  private warn(error: unknown, message: string): void {
    this.deps.log[isAway(error) ? 'warn' : 'error']({ err: error, ...this.agent }, message);
  }
}

const slowReader = () =>
  new CallError(status.RESOURCE_EXHAUSTED, 'the agent does not read what it is sent: 1000 messages wait for it', 5_000);
