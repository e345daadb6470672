import { Injectable } from '@nestjs/common';
import type { AlertRuleTest, TestAlertRuleBody } from '@flotilla/contracts';
import {
  decisionMetric,
  firingLeaf,
  HistoryEvaluator,
  planDecisions,
  recoveryLeaf,
  replayAlertRule,
} from '@flotilla/domain';
import type { InstanceHistory, RuleEpisode } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { DecisionHistory } from '../decision-history/index.js';
import type { HistoryInstance } from '../decision-history/index.js';
import { checkRule } from './rule-checks.js';
import { conditionOf, inScope } from './rule-row.js';

const DAY_MINUTES = 1_440;

interface Found {
  readonly instance: HistoryInstance | null;
  readonly episode: RuleEpisode;
}

/** What an alert rule would have done: the evaluator and the state machine of the live engine over stored minutes. */
@Injectable()
export class AlertRuleTestService {
  constructor(
    private readonly db: Db,
    private readonly history: DecisionHistory,
  ) {}

  /**
   * @param toMinute for tests: the Unix minute after the last one that is looked at
   * @throws AppError as making the rule does
   */
  async test(
    actor: TenantRef,
    body: TestAlertRuleBody,
    toMinute = Math.floor(Date.now() / 60_000),
  ): Promise<z.input<typeof AlertRuleTest>> {
    const { lookback_days: days, limit, ...wanted } = body;
    const { rule, tenant } = await this.db.read(actor, async (tx) => ({
      rule: await checkRule(tx, actor, wanted),
      tenant: (await tx.row<{ idle: number; simulated: boolean }>(
        'SELECT t.idle_below_percent::float8 AS idle, t.simulated FROM flotilla.tenants t WHERE t.tenant_id = $1',
        [actor.tenantId],
      ))!,
    }));
    const condition = conditionOf(rule);
    const plan = planDecisions([firingLeaf(condition), recoveryLeaf(condition)], { idleBelowPercent: tenant.idle });
    const startMinute = toMinute - days * DAY_MINUTES;
    const firstMinute = startMinute - plan.lookbackMinutes;
    const minutes = toMinute - firstMinute;
    const asked = { series: plan.series, fromMinute: firstMinute, toMinute };
    const evaluator = new HistoryEvaluator(plan, minutes);
    const found: Found[] = [];
    let withoutData = 0;
    const look = (instance: HistoryInstance | null, history: InstanceHistory) => {
      if (!history.series.some((gpus) => gpus.some((values) => hasValue(values, startMinute - firstMinute))))
        withoutData++;
      evaluator.load(history);
      // a copy: what the evaluator tells of a tree holds until it is asked of the next one
      const fire = evaluator.truths(0, minutes).slice(0, minutes);
      const recover = evaluator.truths(1, minutes);
      const span = { firstMinute, minutes, startMinute };
      for (const episode of replayAlertRule(fire, recover, span, rule.cooldown_minutes))
        found.push({ instance, episode });
    };
    let simulated = tenant.simulated;
    let instances = 0;
    if (decisionMetric(rule.metric)!.level === 'tenant') {
      const series = await this.history.tenantSeries(actor, asked);
      look(null, { firstMinute, minutes, series: series.map((values) => [values]) });
    } else {
      const all = await this.history.instances(actor, null, firstMinute, toMinute);
      const chosen = all.filter((instance) => inScope(rule, instance));
      for await (const { instance, history } of this.history.stream(actor, chosen, asked)) look(instance, history);
      instances = chosen.length;
      simulated ||= chosen.some((instance) => instance.simulated);
    }
    found.sort((a, b) => a.episode.fromMinute - b.episode.fromMinute);
    return {
      firings: (limit === 0 ? [] : found.slice(-limit)).map((one) => told(one, toMinute)),
      total_firings: found.length,
      total_notifications: found.filter(({ episode }) => episode.told).length,
      affected_instances: [...new Set(found.flatMap(({ instance }) => instance?.providerId ?? []))],
      evaluated: { instances, without_data: withoutData, from: iso(startMinute), to: iso(toMinute) },
      simulated,
    };
  }
}

function told({ instance, episode }: Found, toMinute: number) {
  const end = episode.toMinute === null ? toMinute : episode.toMinute + 1;
  return {
    instance: instance && { id: instance.id, instance_id: instance.providerId, name: instance.label },
    from: iso(episode.fromMinute),
    to: episode.toMinute === null ? null : iso(end),
    minutes: end - episode.fromMinute,
    notified: episode.told,
  };
}

function hasValue(values: ArrayLike<number>, from: number): boolean {
  for (let m = from; m < values.length; m++) if (!Number.isNaN(values[m])) return true;
  return false;
}

const iso = (minute: number) => new Date(minute * 60_000).toISOString();
