import { Injectable } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import type { UsageRecord } from './usage-record.js';

const REMEMBERED_MS = 60_000;
const MOST = 50_000;

/**
 * Which of our instances served tokens: by its id, its provider id, its name, its host's name or its node in Kubernetes.
 * A name that two instances have names none. Nothing is made up: what is not known stays without an instance.
 */
@Injectable()
export class ServingInstances {
  private readonly known = new Map<string, { readonly id: number | null; readonly untilMs: number }>();

  constructor(private readonly db: Db) {}

  async of(actor: TenantRef, records: readonly UsageRecord[]): Promise<(record: UsageRecord) => number | null> {
    const key = (name: string) => `${actor.tenantId}\n${name}`;
    const names = new Set(records.flatMap(({ servedBy }) => servedBy));
    const now = Date.now();
    const unknown = [...names].filter((name) => (this.known.get(key(name))?.untilMs ?? 0) <= now);
    if (unknown.length > 0) {
      const rows = await this.db.read(actor, (tx) =>
        tx.rows<{ name: string; id: number | null }>(FIND, [actor.tenantId, unknown]),
      );
      const found = new Map(rows.map(({ name, id }) => [name, id]));
      if (this.known.size >= MOST) this.known.clear();
      for (const name of unknown) {
        this.known.set(key(name), { id: found.get(name) ?? null, untilMs: now + REMEMBERED_MS });
      }
    }
    return ({ servedBy }) => {
      for (const name of servedBy) {
        const id = this.known.get(key(name))?.id;
        if (id != null) return id;
      }
      return null;
    };
  }
}

const FIND = `
  SELECT g.name, coalesce(
    (SELECT i.id FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.provider_id = g.name ORDER BY i.id LIMIT 1),
    (SELECT i.id FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.id::text = g.name),
    (SELECT min(i.id) FROM flotilla.instances i LEFT JOIN flotilla.agents a ON a.tenant_id = i.tenant_id AND a.id = i.agent_id
      WHERE i.tenant_id = $1 AND g.name IN (i.name, i.placement->>'kubernetes_node', a.hostname) HAVING count(DISTINCT i.id) = 1)) AS id
    FROM unnest($2::text[]) AS g(name)`;
