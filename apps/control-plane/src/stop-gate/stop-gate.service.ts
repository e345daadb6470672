import { Injectable } from '@nestjs/common';
import type { StopGateSettingsBody } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { RequestActor } from '../platform/index.js';
import { readStopGateSettings, settingsOnWire } from './stop-gate.settings.js';

@Injectable()
export class StopGateService {
  constructor(private readonly db: Db) {}

  /** Changes what is given; what weakens the gate is in the audit with what it was before. */
  async update(actor: RequestActor, body: StopGateSettingsBody): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const before = settingsOnWire(await readStopGateSettings(tx, actor.tenantId));
      const names = Object.keys(body); // keys of a strict schema: column names, never the caller's own text
      const values = Object.values(body);
      await tx.rows(
        `INSERT INTO flotilla.stop_gate_settings (tenant_id, ${names.join(', ')})
         VALUES ($1, ${names.map((_, i) => `$${i + 2}`).join(', ')})
         ON CONFLICT (tenant_id) DO UPDATE SET updated_at = now(), ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`,
        [actor.tenantId, ...values],
      );
      const was = Object.fromEntries(names.map((name) => [name, before[name as keyof typeof before]]));
      await tx.record('stop_gate.updated', { type: 'tenant', id: actor.tenantId }, { before: was, after: body });
    });
  }
}
