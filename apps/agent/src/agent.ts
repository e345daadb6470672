import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Welcome } from '@flotilla/contracts/agent';
import { systemClock } from './clock.js';
import type { Cancel } from './clock.js';
import { createCollectors, machineIdentity } from './collectors/index.js';
import type { Collector } from './collectors/collector.js';
import { instanceOptions } from './config/instance-options.js';
import type { Settings } from './config/settings.js';
import { enrolWithPatience } from './enrolment/patience.js';
import { IdentityFile } from './enrolment/identity.js';
import { machineFacts } from './enrolment/machine.js';
import { Trust } from './enrolment/trust.js';
import { ActionJournal } from './executors/action-journal.js';
import { ActionRunner } from './executors/action-runner.js';
import { createExecutors } from './executors/index.js';
import { Intake } from './intake.js';
import { InventoryBook } from './inventory-book.js';
import type { Log } from './log.js';
import { Activity } from './minute/activity.js';
import { MinuteBook } from './minute/minute-book.js';
import { MinuteJournal } from './minute/minute-journal.js';
import { ServerClock } from './minute/server-clock.js';
import { firstDelayMs } from './session/backoff.js';
import { lastWords } from './session/last-words.js';
import { Session } from './session/session.js';
import type { SessionHost } from './session/session-host.js';
import { liveToWire } from './session/wire.js';
import { Spool } from './spool/spool.js';
import { writeStatus } from './status.js';
import { SyncSession } from './sync/sync-session.js';
import { AGENT_VERSION } from './version.js';

const PROTOCOL = 1;
const LAST_WORDS_MS = 2_000;
/** Everything of one agent process, wired together. */
export class Agent {
  private readonly clock = systemClock;
  private readonly serverClock = new ServerClock(this.clock);
  private readonly bootId = randomUUID();
  private readonly inventory = new InventoryBook();
  private readonly collectors: Collector[];
  private readonly spool: Spool;
  private readonly book: MinuteBook;
  private readonly journal: MinuteJournal;
  private readonly activity: Activity;
  private readonly intake: Intake;
  private readonly runner: ActionRunner;
  private readonly actionJournal: ActionJournal | null;
  private readonly trust: Trust | null;
  private readonly session: Session | null;
  private readonly sync: SyncSession | null;
  private ticking: Cancel | null = null;
  private connected = false;
  private lastError = '';
  private ended = false;

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
    const { clock, serverClock } = this;
    const nowMs = () => serverClock.nowMs();
    this.spool = new Spool({
      folder: join(stateDir, 'spool'),
      maxBytes: settings.spool.max_mb * 2 ** 20,
      maxAgeMs: settings.spool.max_age_days * 86_400_000,
      memoryBytes: settings.spool.memory_mb * 2 ** 20,
      clock,
      log,
    });
    this.activity = new Activity(join(stateDir, 'activity'), log);
    this.journal = new MinuteJournal(join(stateDir, 'minutes'), log);
    this.book = new MinuteBook({
      clock,
      serverClock,
      journal: this.journal,
      keep: async (minutes) => {
        for (const minute of minutes) this.spool.append(minute);
        if (minutes[0]) this.activity.keep(minutes[0].minute.minuteS);
        await this.spool.flush();
      },
    });
    this.book.intervalS = settings.intervalS;
    this.intake = new Intake({
      book: this.book,
      activity: this.activity,
      inventory: this.inventory,
      spool: this.spool,
      serverClock,
      log,
    });
    this.collectors = createCollectors({
      nvidiaSmi: settings.nvidiaSmi,
      intervalS: settings.intervalS,
      instance: instanceOptions(settings),
      stateDir,
    });
    const machine = machineIdentity(stateDir);
    this.actionJournal = this.openActionJournal(join(stateDir, 'actions', 'journal'));
    this.runner = new ActionRunner({
      journal: this.actionJournal,
      folder: join(stateDir, 'actions'),
      executors: createExecutors(settings.controls, settings.commandEnv),
      ownInstanceId: settings.instance.instance_id ?? machine.instanceId,
      clock,
      nowMs,
      idleSince: (sinceMs, belowPercent) => {
        const present = this.inventory.presentGpus.map(({ uuid }) => uuid);
        return this.activity.idleSince(sinceMs, belowPercent, nowMs(), present);
      },
      log,
    });
    const facts = machineFacts(AGENT_VERSION, machine.fingerprint);
    if (settings.sync) {
      this.trust = null;
      this.session = null;
      this.sync = new SyncSession({
        ...settings.sync,
        spool: this.spool,
        runner: this.runner,
        inventory: this.inventory,
        clock,
        serverClock,
        random: Math.random,
        log,
        onReached: (reached) => this.reached(reached),
      });
    } else {
      this.sync = null;
      this.trust = new Trust({
        file: new IdentityFile(join(stateDir, 'identity.json')),
        server: settings.server,
        token: settings.token,
        machine: facts,
        nowMs: () => clock.nowMs(),
        log,
      });
      const { trust } = this;
      this.session = new Session({
        open: (events) => trust.open(events),
        host: this.host(facts),
        spool: this.spool,
        clock,
        random: Math.random,
        log,
      });
    }
  }

  /**
   * Starts reading and, as soon as the host is enrolled, sending.
   *
   * @throws EnrolmentError, UntrustedServerError when the host cannot be enrolled and trying again would not help
   */
  async start(): Promise<void> {
    const { clock, runner, session, sync } = this;
    this.activity.load(this.serverClock.nowMs());
    this.intake.recover();
    for (const collector of this.collectors) await collector.start(this.intake.sinkOf(collector.name), clock);
    this.ticking = clock.every(1000, () => void this.tick());
    this.spool.onChange = (epochChanged) => {
      session?.spoolChanged(epochChanged);
      sync?.spoolChanged();
    };
    runner.onAccepted = (id, fence) => session?.accepted(id, fence);
    runner.onResult = (result) => (session ? session.result(result) : sync?.resultReady());
    runner.recover();
    if (this.trust && !this.trust.isEnrolled) await enrolWithPatience(this.trust, () => this.ended, this.log);
    if (this.ended) return;
    session?.start(firstDelayMs(uptime(), Math.random()));
    sync?.start();
  }

  /** Stops reading, sends what it can in two seconds, keeps the rest, ends the stream. Commands that run go on and are found again. */
  async stop(): Promise<void> {
    this.ended = true;
    this.ticking?.();
    await Promise.all(this.collectors.map((collector) => collector.stop()));
    await this.book.closeAll();
    if (this.session) await lastWords(this.session, this.clock, LAST_WORDS_MS);
    this.session?.stop();
    await this.sync?.stop(LAST_WORDS_MS);
    await this.spool.close();
    this.journal.close();
    this.actionJournal?.close();
    this.saveStatus();
  }

  private host(facts: ReturnType<typeof machineFacts>): SessionHost {
    const { runner, inventory, intake, settings, spool } = this;
    return {
      hello: () => ({
        agentId: this.trust?.agentId ?? '',
        bootId: this.bootId,
        agentVersion: AGENT_VERSION,
        minProtocol: PROTOCOL,
        maxProtocol: PROTOCOL,
        capabilities: ['minutes', 'live', 'events', 'actions', 'query', 'drain', 'slow'],
        controls: runner.controls.map((control) => ({
          ...control,
          verbs: [...control.verbs],
          instanceIds: [...control.instanceIds],
        })),
        intervalS: this.book.intervalS,
        inventoryHash: inventory.current()?.hash ?? '',
        machine: facts,
      }),
      heartbeat: () => ({ spool: spool.status, collectors: intake.collectorStates }),
      inventory: () => {
        const made = inventory.current();
        return made && { hash: made.hash, message: { inventory: made.inventory } };
      },
      live: () => {
        const newest = this.book.takeChanged();
        const processes = intake.takeProcesses();
        return newest.length === 0 && !processes ? null : { live: liveToWire(newest, processes) };
      },
      welcomed: (welcome: Welcome, roundTripMs) => {
        this.serverClock.set(welcome.serverTimeMs, roundTripMs);
        const skewMs = Math.round(this.serverClock.skewMs());
        if (Math.abs(skewMs) > 30_000)
          this.log.warn({ skew_ms: skewMs }, "this host's clock is wrong; samples are corrected");
        this.trust?.welcomed();
        this.reached('');
      },
      configured: (config) => this.setInterval(Number(config.intervalS ?? 0) || settings.intervalS),
      slow: (intervalS) => this.setInterval(Math.max(intervalS, settings.intervalS)),
      closed: async (verdict, wasLive) => {
        this.reached(verdict.sentence);
        await this.trust?.closed(verdict, wasLive);
      },
      actions: runner,
    };
  }

  private async tick(): Promise<void> {
    try {
      await this.book.tick();
      this.spool.tick();
      this.session?.tick();
      if (await this.trust?.tick()) this.session?.reconnect();
    } catch (error) {
      this.log.error({ err: error }, 'something went wrong in the agent; it goes on');
    }
  }

  private setInterval(seconds: number): void {
    if (seconds < 1 || seconds > 300 || seconds === this.book.intervalS) return;
    this.log.info({ interval_s: seconds }, 'the interval between two samples changes');
    this.book.intervalS = seconds;
    for (const collector of this.collectors) collector.setInterval?.(seconds);
  }

  private openActionJournal(path: string): ActionJournal | null {
    try {
      return new ActionJournal(path, this.clock.nowMs());
    } catch (error) {
      this.log.error({ err: error }, `the action journal ${path} cannot be used; actions are refused until it can`);
      return null;
    }
  }

  private reached(trouble: string): void {
    const connected = trouble === '';
    if (connected === this.connected && trouble === this.lastError) return;
    this.connected = connected;
    this.lastError = trouble;
    this.saveStatus();
  }

  private saveStatus(): void {
    writeStatus(this.settings.stateDir, {
      pid: this.ended ? null : process.pid,
      version: AGENT_VERSION,
      agent_id: this.trust?.agentId ?? null,
      server: this.settings.sync?.url ?? this.trust?.server ?? null,
      connected: this.connected && !this.ended,
      trouble: this.lastError,
      at: new Date(this.clock.nowMs()).toISOString(),
      spool: this.spool.status,
      collectors: this.intake.collectorStates,
    });
  }
}
