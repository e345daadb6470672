import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { ActionDispatch, ACTIONS_CHANNEL } from '../actions/index.js';
import { Log } from '../platform/index.js';
import { DemoController } from './demo-controller.js';
import { DemoDecisions } from './demo-decisions.js';
import { DemoFleets } from './demo-fleet.js';
import { DemoHistory } from './demo-history.js';
import { DemoMoney } from './demo-money.js';
import { DemoProcesses } from './demo-processes.js';
import { DemoSessions } from './demo-sessions.js';
import { DemoTelemetry } from './demo-telemetry.js';
import type { DemoFleet } from './demo.types.js';

/** How much past there is at the start. */
const PAST = { sampledMinutes: 120, packedDays: 30, moneyDays: 60 };
const DAY_S = 86_400;
/** What is not there after this is made while people look already. */
const READY_WITHIN_MS = 35_000;
/** As agents do: a minute is sent when it has been over for this long. */
const MINUTE_CLOSES_AFTER_MS = 5_000;

/** How much past there is, in minutes of samples, days of packed metrics and days of money. */
export type DemoPast = { readonly [Name in keyof typeof PAST]: number };

/** `npm run demo`: a simulated fleet with a past, and with a present for as long as the process runs. */
@Injectable()
export class DemoService implements OnApplicationShutdown {
  private readonly log: Log;
  private readonly stopping = new AbortController();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly running = new Set<Promise<void>>();
  private fleet: DemoFleet | undefined;
  private past: DemoPast = PAST;
  private nextMinuteS = 0;
  private isWriting = false;
  private unlisten: (() => void) | undefined;

  constructor(
    private readonly db: Db,
    private readonly fleets: DemoFleets,
    private readonly history: DemoHistory,
    private readonly telemetry: DemoTelemetry,
    private readonly sessions: DemoSessions,
    private readonly processes: DemoProcesses,
    private readonly controller: DemoController,
    private readonly money: DemoMoney,
    private readonly decisions: DemoDecisions,
    private readonly dispatch: ActionDispatch,
    log: Log,
  ) {
    this.log = log.child('demo');
  }

  /**
   * Fills the tenant with the simulated fleet and its past, and keeps it going. Resolves when all of it can be seen; on a
   * machine that is too busy for that the oldest days follow afterwards.
   */
  async begin(tenantId: string, past: Partial<DemoPast> = {}): Promise<void> {
    this.past = { ...PAST, ...past };
    const began = performance.now();
    const nowMs = Date.now();
    const nowS = Math.floor(nowMs / 60_000) * 60;
    this.telemetry.begin(BigInt(nowMs));
    const fleet = await this.fleets.enlist(tenantId, nowMs);
    this.fleet = fleet;
    const storedS = await this.storedThrough(fleet);
    const fromS = Math.max(nowS - this.past.sampledMinutes * 60, storedS);
    const minutes = await this.telemetry.storeMinutes(fleet, fromS, nowS);
    this.nextMinuteS = nowS;
    if (storedS === 0) await this.history.writeToday(fleet, Math.floor(nowS / DAY_S), fromS);
    await this.resume(fleet);
    await this.keepGoing(fleet);
    await this.money.write(fleet, this.past.moneyDays, nowMs);
    await this.decisions.write(fleet, nowMs);
    const missing = await this.history.missing(fleet, Math.floor(nowS / DAY_S), this.past.packedDays);
    const later = await this.writeDays(fleet, missing, began + READY_WITHIN_MS);
    if (later.length > 0) this.run(() => this.writeLater(fleet, later));
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    const days = missing.length - later.length;
    this.log.info(
      { machines: fleet.machines.length, minutes, days, later: later.length, seconds },
      'the simulated fleet is ready',
    );
  }

  private async writeLater(fleet: DemoFleet, days: readonly number[]): Promise<void> {
    // one at a time: two would write the same day
    if (this.isWriting) return;
    this.isWriting = true;
    await this.writeDays(fleet, days).finally(() => (this.isWriting = false));
  }

  /** Writes the newest days first, until `untilMs` of the process's clock. @returns those that are still missing */
  private async writeDays(fleet: DemoFleet, days: readonly number[], untilMs = Infinity): Promise<number[]> {
    const left = [...days];
    while (left.length > 0 && performance.now() < untilMs && !this.stopping.signal.aborted) {
      await this.history.write(fleet, left.pop()!);
    }
    return left;
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    for (const timer of this.timers) clearInterval(timer);
    this.unlisten?.();
    await Promise.allSettled(this.running);
    if (!this.fleet) return;
    await this.controller.end();
    await this.sessions.end(this.fleet);
  }

  /** Unix seconds up to which minutes are stored; 0: none. */
  private async storedThrough(fleet: DemoFleet): Promise<number> {
    const row = await this.db.read(fleet, (tx) =>
      tx.row<{ minute: number | null }>('SELECT max(a.last_minute) AS minute FROM flotilla.my_gpu_activity a'),
    );
    return row?.minute ? (row.minute + 1) * 60 : 0;
  }

  /** What was being done when the process ended was not done: these agents keep no journal, and nothing happened. */
  private async resume(fleet: DemoFleet): Promise<void> {
    for (const { agent } of fleet.controllers) {
      const { query } = await this.dispatch.onHello(agent, [], []);
      for (const actionId of query) {
        await this.dispatch.answerQuery(agent, { actionId, state: 'never_accepted', result: null });
      }
    }
  }

  private async keepGoing(fleet: DemoFleet): Promise<void> {
    await this.sessions.beat(fleet, Date.now());
    await this.processes.report(fleet, Date.now());
    this.every(5_000, async () => this.telemetry.sendLive(fleet, Date.now()));
    this.every(1_000, () => this.sendClosedMinutes(fleet));
    this.every(15_000, () => this.sessions.beat(fleet, Date.now()));
    this.every(60_000, () => this.processes.report(fleet, Date.now()));
    const take = () => this.controller.take(fleet, this.stopping.signal);
    this.every(3_000, take);
    const controllers = new Set(fleet.controllers.map(({ agent }) => agent.agentId));
    this.unlisten = await this.db.listen(ACTIONS_CHANNEL, (agentId) => {
      if (controllers.has(agentId)) this.run(take);
    });
    this.every(600_000, () => this.money.write(fleet, this.past.moneyDays, Date.now()));
    // a day that the demo saw only a part of is made whole once it is packed
    this.every(600_000, async () => {
      const today = Math.floor(Date.now() / 1000 / DAY_S);
      await this.writeLater(fleet, await this.history.missing(fleet, today, this.past.packedDays));
    });
  }

  private async sendClosedMinutes(fleet: DemoFleet): Promise<void> {
    const closedS = Math.floor((Date.now() - MINUTE_CLOSES_AFTER_MS) / 60_000) * 60;
    if (closedS <= this.nextMinuteS) return;
    // a machine that slept wakes into a gap, as an agent would
    const fromS = Math.max(this.nextMinuteS, closedS - this.past.sampledMinutes * 60);
    this.nextMinuteS = closedS;
    await this.telemetry.storeMinutes(fleet, fromS, closedS);
  }

  private every(ms: number, work: () => Promise<void>): void {
    this.timers.push(setInterval(() => this.run(work), ms));
  }

  private run(work: () => Promise<void>): void {
    if (this.stopping.signal.aborted) return;
    const done = work()
      .catch((error: unknown) => this.log.error({ err: error }, 'the simulated fleet has a fault'))
      .finally(() => this.running.delete(done));
    this.running.add(done);
  }
}
