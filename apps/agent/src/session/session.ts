import type { AgentMessageInput, ConfigInput, ControlMessage, Welcome } from '@flotilla/contracts/agent';
import type { Cancel, Clock } from '../clock.js';
import type { Result } from '../executors/action-runner.js';
import { failpoint } from '../failpoint.js';
import type { Log } from '../log.js';
import type { Spool } from '../spool/spool.js';
import { backoffMs, STABLE_MS } from './backoff.js';
import { judge } from './closing.js';
import type { Closed } from './closing.js';
import { acknowledged, maySend, noCredits, sent } from './credits.js';
import type { Credits } from './credits.js';
import type { Link, OpenLink } from './link.js';
import { noteRejected } from './rejections.js';
import type { SessionHost } from './session-host.js';
import { answerToWire, entryToWire, offerOf, resultToWire } from './wire.js';

const WELCOME_MS = 30_000;
const RESEND_RESULTS_MS = 30_000;
/** Batches are on their way and the other side says nothing at all for so long: the stream is dead, whatever TCP says. */
const SILENCE_MS = 90_000;
const BATCH = { maxEntries: 512, maxBytes: 512 * 1024 };

export interface SessionOptions {
  readonly open: OpenLink;
  readonly host: SessionHost;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

type Phase = 'waiting' | 'greeting' | 'live' | 'draining' | 'stopped';

/** Keeps one stream to the control plane open and everything that goes over it in order. */
export class Session {
  phase: Phase = 'stopped';
  liveIntervalMs = 5_000;
  private link: Link | null = null;
  private writable = false;
  private epoch = 0;
  private walEpoch = 0;
  private nextSeq = 1;
  private credits: Credits = noCredits;
  private heartbeatMs = 15_000;
  private failures = 0;
  private openedAtMs = 0;
  private liveSinceMs = 0;
  private heardAtMs = 0;
  private lastHeartbeatMs = 0;
  private lastLiveMs = 0;
  private lastResultsMs = 0;
  private sentInventoryHash = '';
  private planned: number | null = null;
  private timer: Cancel | null = null;

  constructor(private readonly options: SessionOptions) {}

  /** @param delayMs before the first attempt */
  start(delayMs: number): void {
    this.phase = 'waiting';
    this.timer = this.options.clock.after(delayMs, () => this.connect());
  }

  /** Ends the stream in order; nothing is opened again. */
  stop(): void {
    this.timer?.();
    this.phase = 'stopped';
    this.link?.end();
    this.link = null;
  }

  /** Ends this stream and opens another soon, for example with a renewed certificate. */
  reconnect(afterMs = 0): void {
    if (!this.link) return;
    this.planned = afterMs;
    this.link.end();
    this.link.cancel();
  }

  /** Nothing more can be said now: everything is acknowledged, or there is no stream to say it on. */
  get isDone(): boolean {
    const { host, spool } = this.options;
    return this.phase !== 'live' || (spool.status.oldestSeq === 0 && host.actions.unacknowledged.length === 0);
  }

  /** The spool has something to send, or another sequence to send from. */
  spoolChanged(epochChanged: boolean): void {
    if (epochChanged && this.phase === 'live') this.reconnect();
    else this.pump();
  }

  accepted(actionId: string, fence: number): void {
    this.send({ actionAccepted: { actionId, fence } });
  }

  result(result: Result): void {
    this.send({ actionResult: resultToWire(result) });
  }

  /** Heartbeats, the live lane, the inventory and time-outs; call it about once a second. */
  tick(): void {
    const now = this.options.clock.monotonicMs();
    if (this.phase === 'greeting' && now - this.openedAtMs > WELCOME_MS) {
      this.options.log.warn(`the control plane did not answer the hello within ${WELCOME_MS / 1000} s`);
      this.link?.cancel();
      return;
    }
    if (this.phase !== 'live') return;
    if (this.credits.inFlight.length > 0 && now - this.heardAtMs > SILENCE_MS) {
      this.options.log.warn('the control plane acknowledges nothing any more; opening a new stream');
      this.link?.cancel();
      return;
    }
    if (now - this.liveSinceMs > STABLE_MS) this.failures = 0;
    if (now - this.lastHeartbeatMs >= this.heartbeatMs - 500) this.heartbeat(now);
    if (now - this.lastLiveMs >= this.liveIntervalMs - 500) this.sendLive(now);
    if (now - this.lastResultsMs >= RESEND_RESULTS_MS) this.resendResults(now);
    this.sendInventory(false);
    this.pump();
  }

  private connect(): void {
    const { clock, host, spool } = this.options;
    this.phase = 'greeting';
    this.planned = null;
    this.openedAtMs = clock.monotonicMs();
    this.walEpoch = spool.epoch;
    this.credits = noCredits;
    this.epoch = 0;
    this.writable = true;
    let mine: Link | null = null;
    const current = () => mine === null || mine === this.link;
    const link = this.options.open({
      onMessage: (message) => {
        if (current()) this.receive(message);
      },
      onDrain: () => {
        this.writable = true;
        if (current()) this.pump();
      },
      onClosed: (closed) => {
        if (current()) void this.ended(closed);
      },
    });
    mine = link;
    if ((this.phase as Phase) !== 'greeting') return;
    this.link = link;
    const { oldestSeq, newestSeq, bytes, droppedEntries, degraded } = spool.status;
    this.send({
      hello: {
        ...host.hello(),
        walEpoch: this.walEpoch,
        runningActionIds: host.actions.running,
        unackedResultActionIds: host.actions.unacknowledged.map(({ actionId }) => actionId),
        spool: { oldestSeq, newestSeq, bytes, droppedEntries, degraded },
        nowMs: Math.round(clock.nowMs()),
      },
    });
  }

  private receive(message: ControlMessage): void {
    this.heardAtMs = this.options.clock.monotonicMs();
    const { host, spool } = this.options;
    if (message.welcome) return this.welcome(message.welcome);
    if (this.phase === 'greeting') return;
    if (message.ack) {
      if (message.ack.walEpoch !== this.walEpoch) return;
      noteRejected(spool, message.ack.rejected, (entry, reason) => host.rejected(entry, reason));
      this.credits = acknowledged(this.credits, message.ack.throughSeq);
      spool.ack(this.walEpoch, message.ack.throughSeq);
      this.pump();
    } else if (message.window) {
      this.credits = { ...this.credits, window: message.window.batches };
      this.pump();
    } else if (message.offer) {
      host.actions.offer(offerOf(message.offer));
    } else if (message.resultAck) host.actions.acknowledged(message.resultAck.actionId);
    else if (message.query) {
      this.send({ queryAnswer: answerToWire(message.query.actionId, host.actions.query(message.query.actionId)) });
    } else if (message.cancelOffer) host.actions.cancel(message.cancelOffer.actionId);
    else if (message.clearHealth) {
      host.clearHealth(message.clearHealth.device, message.clearHealth.by);
      this.send({ healthCleared: { clearId: message.clearHealth.clearId } });
    } else if (message.slow) host.slow(message.slow.intervalS);
    else if (message.config) this.configure(message.config);
    else if (message.sendInventory) this.sendInventory(true);
    else if (message.drain) this.drain(message.drain.reconnectAfterMs, message.drain.jitterMs);
    // anything else is of a newer control plane
  }

  private welcome(welcome: Welcome): void {
    if (this.phase !== 'greeting') return;
    const { clock, host, log, spool } = this.options;
    const now = clock.monotonicMs();
    this.phase = 'live';
    this.epoch = welcome.epoch;
    this.liveSinceMs = this.lastResultsMs = this.lastHeartbeatMs = now;
    this.lastLiveMs = now - this.liveIntervalMs;
    this.heartbeatMs = (welcome.heartbeatS || 15) * 1000;
    this.sentInventoryHash = welcome.inventoryHash;
    host.welcomed(welcome, now - this.openedAtMs);
    // also without one: a request to slow down ends with its stream
    this.configure(welcome.config ?? {});
    log.info({ epoch: welcome.epoch, acked_seq: welcome.ackedSeq }, 'connected to the control plane');
    this.resendResults(now);
    this.sendInventory(false);
    this.sendLive(now);
    this.credits = { window: welcome.window || 1, inFlight: [] };
    this.nextSeq = welcome.ackedSeq + 1;
    if (spool.epoch !== this.walEpoch) return this.reconnect();
    // may find that the sequences do not fit, which begins another one and with it another stream
    spool.resume(welcome.ackedSeq);
    this.pump();
  }

  private pump(): void {
    const { spool } = this.options;
    while (this.phase === 'live' && this.writable && maySend(this.credits) && spool.epoch === this.walEpoch) {
      const run = spool.read(this.nextSeq, BATCH);
      if (!run) return;
      failpoint('before-batch-send');
      const lastSeq = run.firstSeq + run.entries.length - 1;
      this.credits = sent(this.credits, lastSeq);
      this.nextSeq = lastSeq + 1;
      // silence counts from the first batch that waits for an answer
      if (this.credits.inFlight.length === 1) this.heardAtMs = this.options.clock.monotonicMs();
      this.send({ batch: { walEpoch: this.walEpoch, firstSeq: run.firstSeq, entries: run.entries.map(entryToWire) } });
    }
  }

  private drain(afterMs: number, jitterMs: number): void {
    this.options.log.info({ reconnect_after_ms: afterMs }, 'the control plane is about to restart; coming back then');
    this.phase = 'draining';
    const wait = afterMs + jitterMs * this.options.random();
    // what is in flight may still be acknowledged
    this.options.clock.after(Math.min(1_000, wait), () => {
      if (this.phase === 'draining') this.reconnect(wait);
    });
  }

  private async ended(closed: Closed): Promise<void> {
    const { clock, host, log, random } = this.options;
    const wasLive = this.phase === 'live' || this.phase === 'draining';
    this.link = null;
    if (this.phase === 'stopped') return;
    this.phase = 'waiting';
    const { planned } = this;
    if (planned === null) {
      const verdict = judge(closed);
      this.failures += 1;
      await host.closed(verdict, wasLive);
      if ((this.phase as Phase) === 'stopped') return;
      const delayMs = Math.max(verdict.atLeastMs, backoffMs(this.failures, random()));
      log.warn({ code: closed.code, retry_in_ms: delayMs }, verdict.sentence);
      this.timer = clock.after(delayMs, () => this.connect());
    } else this.timer = clock.after(planned, () => this.connect());
  }

  private heartbeat(now: number): void {
    this.lastHeartbeatMs = now;
    const { clock, host } = this.options;
    this.send({
      heartbeat: { ...host.heartbeat(), nowMs: Math.round(clock.nowMs()), runningActionIds: host.actions.running },
    });
  }

  private sendLive(now: number): void {
    // lossy: behind a full buffer the newest values would be old ones
    if (!this.writable) return;
    const message = this.options.host.live();
    if (!message) return;
    this.lastLiveMs = now;
    this.send(message);
  }

  private sendInventory(always: boolean): void {
    const inventory = this.options.host.inventory();
    if (!inventory || (!always && inventory.hash === this.sentInventoryHash)) return;
    this.sentInventoryHash = inventory.hash;
    this.send(inventory.message);
  }

  private resendResults(now: number): void {
    this.lastResultsMs = now;
    for (const result of this.options.host.actions.unacknowledged) this.result(result);
  }

  private configure(config: ConfigInput): void {
    const liveS = Number(config.liveIntervalS ?? 0);
    if (liveS > 0) this.liveIntervalMs = Math.max(1, liveS) * 1000;
    this.options.host.configured(config);
  }

  private send(message: AgentMessageInput): void {
    if (!this.link || (this.phase !== 'live' && this.phase !== 'draining' && !message.hello)) return;
    if (!this.link.write({ epoch: this.epoch, ...message })) this.writable = false;
  }
}
