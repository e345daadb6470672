import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AlertElement, momentOf } from '@flotilla/contracts';
import type { AgentRef } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import { AgentActors } from '../../actions/index.js';
import { AlertDesk } from '../../alerts/index.js';
import type { RaisedAlert } from '../../alerts/index.js';
import { InstanceRegistry, RefusedByRegistry } from '../../instances/index.js';
import { readElements } from '../sync.elements.js';
import type { RejectedElement } from '../sync.elements.js';
import type { SectionOutcome } from '../sync.sections.js';

const AT_ONCE = 200;
/** A clock may run ahead so far; the same limit as for samples. */
const AHEAD_MS = 5 * 60_000;

interface Told {
  readonly index: number;
  readonly digest: string;
  readonly alert: RaisedAlert;
}

/**
 * Alerts that an agent (or a program that speaks its protocol) raises. Those with the same type, instance and dedup_key are
 * one alert; the same element twice is a duplicate and no further occurrence. An agent does not say that something is over:
 * people resolve its alerts.
 */
@Injectable()
export class AlertsSection {
  constructor(
    private readonly db: Db,
    private readonly actors: AgentActors,
    private readonly registry: InstanceRegistry,
    private readonly desk: AlertDesk,
  ) {}

  async store(agent: AgentRef, elements: readonly unknown[]): Promise<SectionOutcome> {
    const { read, rejected, ignoredFields } = readElements(AlertElement, elements);
    const told: Told[] = [];
    for (const { index, element } of read) {
      try {
        told.push(await this.readOne(agent, index, element));
      } catch (error) {
        if (!(error instanceof RefusedByRegistry)) throw error;
        rejected.push({ index, error: error.message });
      }
    }
    let accepted = 0;
    for (let from = 0; from < told.length; from += AT_ONCE) {
      accepted += await this.raise(agent, told.slice(from, from + AT_ONCE));
    }
    const sorted: RejectedElement[] = rejected.sort((a, b) => a.index - b.index);
    return { accepted, duplicates: told.length - accepted, rejected: sorted, ignored_fields: ignoredFields };
  }

  private async readOne(agent: AgentRef, index: number, element: AlertElement): Promise<Told> {
    const at = momentOf(element.timestamp);
    if (at.getTime() > Date.now() + AHEAD_MS) {
      throw new RefusedByRegistry('timestamp lies in the future: check the clock of the host');
    }
    const instanceId =
      element.instance_id === undefined ? null : await this.registry.resolve(agent, element.instance_id);
    const { alert_type: alertType, message, severity, dedup_key: key } = element;
    const text = message.replaceAll('\0', '');
    const subject =
      instanceId === null
        ? { type: 'agent' as const, id: agent.agentId, label: 'agent', instanceId }
        : { type: 'instance' as const, id: String(instanceId), label: element.instance_id!, instanceId };
    const content = JSON.stringify([alertType, instanceId, key ?? null, at.toISOString(), severity ?? null, text]);
    return {
      index,
      digest: createHash('sha256').update(content).digest('hex'),
      alert: {
        tenantId: agent.tenantId,
        alertType,
        source: 'agent',
        ruleId: null,
        builtIn: null,
        key: key ?? null,
        subject,
        severity: severity ?? 'medium',
        title: `${alertType.replaceAll('_', ' ')}: ${subject.label}`,
        message: text,
        evidence: { reported_at: at.toISOString(), ...(key !== undefined && { dedup_key: key }) },
        at,
        channelIds: null,
        simulated: false,
      },
    };
  }

  /** @returns how many were new, or new occurrences */
  private async raise(agent: AgentRef, told: readonly Told[]): Promise<number> {
    return this.db.write(await this.actors.of(agent), async (tx) => {
      tx.withoutAudit('that an alert began is recorded by the desk');
      const fresh = await this.unknown(tx, agent, told);
      const named = await labelled(tx, agent, fresh);
      // in the order in which they came: two of one alert are two occurrences
      for (const alert of named) await this.desk.raise(tx, alert);
      return named.length;
    });
  }

  private async unknown(tx: WriteTx, agent: AgentRef, told: readonly Told[]): Promise<Told[]> {
    const rows = await tx.rows<{ digest: string }>(
      `INSERT INTO flotilla.agent_alerts (tenant_id, agent_id, digest)
       SELECT $1, $2, decode(d, 'hex') FROM unnest($3::text[]) AS d ON CONFLICT DO NOTHING
       RETURNING encode(digest, 'hex') AS digest`,
      [agent.tenantId, agent.agentId, [...new Set(told.map(({ digest }) => digest))]],
    );
    const fresh = new Set(rows.map(({ digest }) => digest));
    // the same element twice in one body is one
    return told.filter(({ digest }) => fresh.delete(digest));
  }
}

/** With the names that people know, and whether what they are about is made up. */
async function labelled(tx: WriteTx, agent: AgentRef, told: readonly Told[]): Promise<RaisedAlert[]> {
  const ids = told.flatMap(({ alert }) => (alert.subject.instanceId === null ? [] : [alert.subject.instanceId]));
  const instances = await tx.rows<{ id: number; label: string; simulated: boolean }>(
    `SELECT i.id, coalesce(i.name, i.provider_id) AS label, i.simulated FROM flotilla.instances i
      WHERE i.tenant_id = $1 AND i.id = ANY ($2::bigint[])`,
    [agent.tenantId, ids],
  );
  const known = new Map(instances.map((row) => [row.id, row]));
  const host = await tx.row<{ hostname: string; simulated: boolean }>(
    `SELECT a.hostname, a.simulated OR t.simulated AS simulated FROM flotilla.agents a
       JOIN flotilla.tenants t ON t.tenant_id = a.tenant_id WHERE a.tenant_id = $1 AND a.id = $2`,
    [agent.tenantId, agent.agentId],
  );
  return told.map(({ alert }) => {
    const instance = alert.subject.instanceId === null ? undefined : known.get(alert.subject.instanceId);
    const label = instance?.label ?? host?.hostname ?? alert.subject.label;
    return {
      ...alert,
      subject: { ...alert.subject, label },
      title: `${alert.alertType.replaceAll('_', ' ')}: ${label}`.slice(0, 300),
      simulated: (instance?.simulated ?? false) || (host?.simulated ?? false),
    };
  });
}
