import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ErrorElement, momentOf } from '@flotilla/contracts';
import type { AgentRef } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import { AgentActors } from '../../actions/index.js';
import { InstanceRegistry, RefusedByRegistry } from '../../instances/index.js';
import { readElements } from '../sync.elements.js';
import type { SectionOutcome } from '../sync.sections.js';

interface ErrorRow {
  readonly index: number;
  readonly digest: string;
  readonly instance_id: number | null;
  readonly at: string;
  readonly severity: string;
  readonly source: string | null;
  readonly code: string | null;
  readonly message: string;
}

const AT_ONCE = 1_000;

/** Errors that an agent met and wants to be seen. */
@Injectable()
export class ErrorsSection {
  constructor(
    private readonly db: Db,
    private readonly actors: AgentActors,
    private readonly registry: InstanceRegistry,
  ) {}

  async store(agent: AgentRef, elements: readonly unknown[]): Promise<SectionOutcome> {
    const { read, rejected, ignoredFields } = readElements(ErrorElement, elements);
    const rows: ErrorRow[] = [];
    for (const { index, element } of read) {
      try {
        const instanceId =
          element.instance_id === undefined ? null : await this.registry.resolve(agent, element.instance_id);
        rows.push(rowOf(index, element, instanceId));
      } catch (error) {
        if (!(error instanceof RefusedByRegistry)) throw error;
        rejected.push({ index, error: error.message });
      }
    }
    let accepted = 0;
    for (let from = 0; from < rows.length; from += AT_ONCE)
      accepted += await this.insert(agent, rows.slice(from, from + AT_ONCE));
    rejected.sort((a, b) => a.index - b.index);
    return { accepted, duplicates: rows.length - accepted, rejected, ignored_fields: ignoredFields };
  }

  private async insert(agent: AgentRef, rows: readonly ErrorRow[]): Promise<number> {
    return this.db.write(await this.actors.of(agent), async (tx) => {
      tx.withoutAudit('errors of an agent are kept as they are');
      const inserted = await tx.rows(
        `INSERT INTO flotilla.agent_errors (tenant_id, agent_id, instance_id, at, severity, source, code, message, digest)
         SELECT $1, $2, g.instance_id, g.at, g.severity, g.source, g.code, g.message, decode(g.digest, 'hex')
           FROM jsonb_to_recordset($3::jsonb) AS g(instance_id bigint, at timestamptz, severity text, source text, code text,
             message text, digest text)
         ON CONFLICT (tenant_id, agent_id, digest) DO NOTHING RETURNING id`,
        [agent.tenantId, agent.agentId, JSON.stringify(rows)],
      );
      return inserted.length;
    });
  }
}

function rowOf(index: number, element: ErrorElement, instanceId: number | null): ErrorRow {
  const row = {
    instance_id: instanceId,
    at: momentOf(element.timestamp).toISOString(),
    severity: element.severity ?? 'medium',
    source: element.source ?? null,
    code: element.code ?? null,
    message: cut(element.message.replaceAll('\0', '')),
  };
  return { ...row, index, digest: createHash('sha256').update(JSON.stringify(row)).digest('hex') };
}

/** At most 4,096 bytes, the limit of the column. */
function cut(message: string): string {
  const bytes = Buffer.from(message);
  return bytes.length <= 4096
    ? message
    : new TextDecoder().decode(bytes.subarray(0, 4090)).replace(/\uFFFD+$/, '') + '…';
}
