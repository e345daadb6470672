import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { uptime } from 'node:os';
import { systemClock } from './clock.js';
import type { Cancel } from './clock.js';
import { machineIdentity } from './collectors/index.js';
import type { Collector } from './collectors/collector.js';
import { placedTokenPath } from './config/settings.js';
import type { Settings } from './config/settings.js';
import { enrolWithPatience } from './enrolment/patience.js';
import type { Log } from './log.js';
import { firstDelayMs } from './session/backoff.js';
import { lastWords } from './session/last-words.js';
import { writeStatus } from './status.js';
import { AGENT_VERSION } from './version.js';
import { wireCollectors } from './wiring/collectors.js';
import type { AgentContext } from './wiring/context.js';
import { wireExecutors } from './wiring/executors.js';
import type { Acting } from './wiring/executors.js';
import { createKeep } from './wiring/keep.js';
import type { Part } from './wiring/part.js';
import { createParts } from './wiring/parts.js';
import { wireSession } from './wiring/session.js';
import type { Way } from './wiring/session.js';

const LAST_WORDS_MS = 2_000;
/** What collectors say of themselves reaches the status file this often at most. */
const STATUS_EVERY_MS = 10_000;

/** Everything of one agent process, wired together; what a concern needs stands in `wiring/`. */
export class Agent {
  private readonly context: AgentContext;
  private readonly collectors: Collector[];
  private readonly acting: Acting;
  private readonly way: Way;
  private parts: Part[] = [];
  private ticking: Cancel | null = null;
  private connected = false;
  private lastError = '';
  private ended = false;
  private shownChanges = 0;
  private statusDueMs = 0;

  /** @throws Error when the host's identity is there and cannot be read */
  constructor(
    private readonly settings: Settings,
    private readonly log: Log,
  ) {
    const { stateDir } = settings;
    try {
      mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    } catch (error) {
      log.error({ err: error }, `the state folder ${stateDir} cannot be made; nothing outlives this process`);
    }
    const keep = createKeep(settings, systemClock, log);
    this.context = {
      ...keep,
      settings,
      log,
      clock: systemClock,
      bootId: randomUUID(),
      machine: machineIdentity(stateDir),
      nowMs: () => keep.serverClock.nowMs(),
    };
    this.collectors = wireCollectors(this.context);
    this.acting = wireExecutors(this.context);
    this.way = wireSession(this.context, this.acting.runner, {
      reached: (trouble) => this.reached(trouble),
      interval: (seconds) => this.setInterval(seconds),
    });
  }

  /**
   * Starts reading and, as soon as the host is enrolled, sending.
   *
   * @throws EnrolmentError, UntrustedServerError when the host cannot be enrolled and trying again would not help
   */
  async start(): Promise<void> {
    const { clock, nowMs, activity, intake, spool } = this.context;
    const { session, sync, trust } = this.way;
    const { runner } = this.acting;
    await this.acting.load();
    activity.load(nowMs());
    intake.recover();
    this.parts = await createParts(this.context, { isConnected: () => this.connected });
    for (const part of this.parts) await part.start();
    for (const collector of this.collectors) await collector.start(intake.sinkOf(collector.name), clock);
    this.ticking = clock.every(1000, () => void this.tick());
    spool.onChange = (epochChanged) => {
      session?.spoolChanged(epochChanged);
      sync?.spoolChanged();
    };
    runner.onAccepted = (id, fence) => session?.accepted(id, fence);
    runner.onResult = (result) => (session ? session.result(result) : sync?.resultReady());
    runner.recover();
    if (trust && !trust.isEnrolled && !trust.server && this.settings.prometheus) {
      this.log.warn('no server is set and this host is not enrolled: it serves /metrics and sends nothing');
      return;
    }
    if (trust && !trust.isEnrolled) await enrolWithPatience(trust, () => this.ended, this.log);
    // used up now; a later start must not take it for a new one
    if (trust?.isEnrolled) rmSync(placedTokenPath(this.settings.stateDir), { force: true });
    if (this.ended) return;
    session?.start(firstDelayMs(uptime(), Math.random()));
    sync?.start();
  }

  /** Stops reading, sends what it can in two seconds, keeps the rest, ends the stream. Commands that run go on and are found again. */
  async stop(): Promise<void> {
    const { book, clock, minutes, spool } = this.context;
    const { session, sync } = this.way;
    this.ended = true;
    this.ticking?.();
    await Promise.all(this.collectors.map((collector) => collector.stop()));
    await Promise.all(this.parts.map(async (part) => part.stop()));
    await book.closeAll();
    if (session) await lastWords(session, clock, LAST_WORDS_MS);
    session?.stop();
    await sync?.stop(LAST_WORDS_MS);
    await spool.close();
    minutes.close();
    this.acting.journal?.close();
    this.saveStatus();
  }

  private async tick(): Promise<void> {
    const { session, trust } = this.way;
    try {
      await this.context.book.tick();
      this.context.spool.tick();
      session?.tick();
      if (await trust?.tick()) session?.reconnect();
      for (const part of this.parts) await part.tick?.();
      const { stateChanges } = this.context.intake;
      if (stateChanges !== this.shownChanges && this.context.clock.monotonicMs() >= this.statusDueMs) this.saveStatus();
    } catch (error) {
      this.log.error({ err: error }, 'something went wrong in the agent; it goes on');
    }
  }

  private setInterval(seconds: number): void {
    const { book } = this.context;
    if (seconds < 1 || seconds > 300 || seconds === book.intervalS) return;
    this.log.info({ interval_s: seconds }, 'the interval between two samples changes');
    book.intervalS = seconds;
    for (const collector of this.collectors) collector.setInterval?.(seconds);
  }

  private reached(trouble: string): void {
    const connected = trouble === '';
    if (connected === this.connected && trouble === this.lastError) return;
    this.connected = connected;
    this.lastError = trouble;
    this.saveStatus();
  }

  private saveStatus(): void {
    const { clock, intake, spool } = this.context;
    this.shownChanges = intake.stateChanges;
    this.statusDueMs = clock.monotonicMs() + STATUS_EVERY_MS;
    const { trust } = this.way;
    writeStatus(this.settings.stateDir, {
      pid: this.ended ? null : process.pid,
      version: AGENT_VERSION,
      agent_id: trust?.agentId ?? null,
      server: this.settings.sync?.url ?? trust?.server ?? null,
      connected: this.connected && !this.ended,
      trouble: this.lastError,
      at: new Date(clock.nowMs()).toISOString(),
      spool: spool.status,
      collectors: intake.collectorStates,
    });
  }
}
