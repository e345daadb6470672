import { Injectable } from '@nestjs/common';
import { STOP_GATE_FLOOR } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { resolveInstance } from '../instance-refs/index.js';
import type { IdType } from '../instance-refs/index.js';
import { notFound } from '../platform/index.js';
import { gateOnWire, StopGate } from './stop-gate.js';
import { readStopGateSettings, settingsOnWire } from './stop-gate.settings.js';

@Injectable()
export class StopGateQueries {
  constructor(private readonly db: Db) {}

  /** What the gate would say of a stop now. @throws AppError NOT_FOUND, CONFLICT */
  async judge(actor: TenantRef, ref: string, idType: IdType | undefined) {
    return this.db.read(actor, async (tx) => {
      const instanceId = await resolveInstance(tx, actor, ref, idType);
      const answer = await StopGate.judge(tx, { tenantId: actor.tenantId, instanceId, reason: 'asked' });
      if (!answer) throw notFound('instance', ref);
      return { instance_id: instanceId, ...gateOnWire(answer) };
    });
  }

  /** The same for several, each for itself; read in one look. */
  async judgeMany(actor: TenantRef, ids: readonly number[]) {
    return this.db.read(actor, async (tx) => {
      const answers: Awaited<ReturnType<StopGateQueries['judge']>>[] = [];
      const missing: number[] = [];
      for (const instanceId of new Set(ids)) {
        const answer = await StopGate.judge(tx, { tenantId: actor.tenantId, instanceId, reason: 'asked' });
        if (answer) answers.push({ instance_id: instanceId, ...gateOnWire(answer) });
        else missing.push(instanceId);
      }
      return { answers, not_found: missing };
    });
  }

  async settings(actor: TenantRef) {
    const settings = await this.db.read(actor, (tx) => readStopGateSettings(tx, actor.tenantId));
    return {
      ...settingsOnWire(settings),
      floor: {
        min_coverage_percent: STOP_GATE_FLOOR.minCoverage * 100,
        min_running_minutes: STOP_GATE_FLOOR.minRunningMinutes,
      },
    };
  }
}
