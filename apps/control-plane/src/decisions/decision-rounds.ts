import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { CONFIG, Jobs, Log } from '../platform/index.js';
import type { Config } from '../platform/index.js';
import { RoundLostError } from './decision-round.js';
import type { DecisionEvaluator } from './decision-round.js';
import { roundsStore } from './rounds.store.js';
import type { Held } from './rounds.store.js';
import { TenantRound } from './tenant-round.js';

/** How often a replica looks whether a minute is due. */
const LOOK_MS = 4_000;
/** Agents send a minute 5 s after it closed; on what came by then it is decided. */
export const GRACE_S = 15;
/** Minutes that are decided late, after nobody could: a restart goes unnoticed. What is older is not decided about any more. */
const CATCH_UP = 10;

/**
 * The minute round: when a minute has closed, one replica per tenant hands it to everybody who decides. A replica keeps
 * its tenants as long as it lives, so that what it derived from the past stays warm; when it dies others take over within
 * half a minute and derive it anew.
 */
@Injectable()
export class DecisionRounds implements OnModuleInit, OnApplicationShutdown {
  private readonly log: Log;
  private readonly evaluators: DecisionEvaluator[] = [];
  /** Tenant and evaluator → the minute that it decided last, here. */
  private readonly decided = new Map<string, number>();

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    log: Log,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.log = log.child('decisions');
  }

  onModuleInit(): void {
    this.jobs.every({ name: 'decisions.round', everyMs: LOOK_MS, exclusive: false, run: () => this.look() });
  }

  /** Whoever waits for the tenants of this replica need not wait for its leases to end. */
  async onApplicationShutdown(): Promise<void> {
    await this.db.system((tx) => roundsStore.release(tx, this.config.replicaId)).catch(() => undefined);
  }

  /** @throws Error when the name is taken */
  register(evaluator: DecisionEvaluator): void {
    if (this.evaluators.some(({ name }) => name === evaluator.name)) {
      throw new Error(`two evaluators are called ${evaluator.name}`);
    }
    this.evaluators.push(evaluator);
  }

  /** Decides what is due for the tenants that this replica holds. */
  async look(): Promise<void> {
    const held = await this.db.system((tx) => roundsStore.claim(tx, this.config.replicaId));
    for (const one of held) {
      for (const minute of dueMinutes(one)) {
        if (!(await this.decide(one.tenant_id, minute))) break;
      }
    }
  }

  /** Decides about one minute of a tenant. @returns false when another replica has the tenant now */
  async decide(tenantId: string, minute: number): Promise<boolean> {
    for (const evaluator of this.evaluators) {
      const key = `${tenantId} ${evaluator.name}`;
      const round = new TenantRound(this.db, this.config.replicaId, tenantId, minute, this.decided.get(key) ?? null);
      try {
        await evaluator.evaluate(round);
        this.decided.set(key, minute);
      } catch (error) {
        this.decided.delete(key);
        if (error instanceof RoundLostError) return false;
        this.log.error(
          { err: error, tenantId, minute, evaluator: evaluator.name },
          'a minute could not be decided about; the next one derives everything anew',
        );
      }
    }
    await this.db.system((tx) => roundsStore.decided(tx, this.config.replicaId, tenantId, minute));
    return true;
  }
}

/** The minutes that closed, had their grace and were not decided about, ascending. */
export function dueMinutes({ now_s, decided_through }: Pick<Held, 'now_s' | 'decided_through'>): number[] {
  const newest = Math.floor((now_s - GRACE_S) / 60) - 1;
  // a tenant that is new here begins with the newest
  const from = decided_through === null ? newest : Math.max(decided_through + 1, newest - CATCH_UP + 1);
  return Array.from({ length: Math.max(0, newest - from + 1) }, (_, i) => from + i);
}
