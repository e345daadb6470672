import { Injectable } from '@nestjs/common';
import { InstanceElement } from '@flotilla/contracts';
import type { AgentRef } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import { AgentActors, Controllers } from '../../actions/index.js';
import {
  InstanceRegistry,
  listedGpu,
  RefusedByRegistry,
  reportDigest,
  reportInstance,
  storeDevices,
} from '../../instances/index.js';
import { readElements } from '../sync.elements.js';
import type { ReadElement, RejectedElement } from '../sync.elements.js';
import type { SectionOutcome } from '../sync.sections.js';

/** Elements of one transaction: their instances stay locked until it ends. */
const AT_ONCE = 100;

/** Instances that an agent reports: of a cloud, of a BMC, or its own. */
@Injectable()
export class InstancesSection {
  constructor(
    private readonly db: Db,
    private readonly actors: AgentActors,
    private readonly controllers: Controllers,
    private readonly registry: InstanceRegistry,
  ) {}

  async store(agent: AgentRef, elements: readonly unknown[]): Promise<SectionOutcome> {
    const { read, rejected, ignoredFields } = readElements(InstanceElement, elements);
    let accepted = 0;
    let duplicates = 0;
    for (let from = 0; from < read.length; from += AT_ONCE) {
      const chunk = read.slice(from, from + AT_ONCE);
      const fresh = await this.withoutRepeats(agent, chunk);
      const outcome = await this.report(agent, fresh);
      duplicates += chunk.length - fresh.length + outcome.duplicates;
      accepted += outcome.accepted;
      rejected.push(...outcome.rejected);
    }
    rejected.sort((a, b) => a.index - b.index);
    return { accepted, duplicates, rejected, ignored_fields: ignoredFields };
  }

  /** Leaves out what this agent said before in the same words, as long as the instance still stands as it says. */
  private async withoutRepeats(
    agent: AgentRef,
    chunk: readonly ReadElement<InstanceElement>[],
  ): Promise<readonly ReadElement<InstanceElement>[]> {
    const repeated = await this.db.write(await this.actors.of(agent), async (tx) => {
      tx.withoutAudit('what was reported before was reported again');
      const rows = await tx.rows<{ ordinal: number }>(REPEATS, [
        agent.tenantId,
        agent.agentId,
        JSON.stringify(
          chunk.map(({ element }, ordinal) => ({
            ordinal,
            cloud_provider: element.cloud_provider,
            provider_id: element.instance_id,
            state: element.state,
            digest: reportDigest(element).toString('hex'),
          })),
        ),
      ]);
      return new Set(rows.map((row) => row.ordinal));
    });
    return chunk.filter((_, ordinal) => !repeated.has(ordinal));
  }

  private async report(agent: AgentRef, chunk: readonly ReadElement<InstanceElement>[]) {
    const rejected: RejectedElement[] = [];
    let accepted = 0;
    if (chunk.length === 0) return { accepted, duplicates: 0, rejected };
    const actor = await this.actors.of(agent);
    // always in one order, so that two agents that report the same instances never wait for each other in a circle
    const ordered = [...chunk].sort((a, b) => compare(keyOf(a.element), keyOf(b.element)) || a.index - b.index);
    const known: { providerId: string; id: number }[] = [];
    await this.db.write(actor, async (tx) => {
      tx.withoutAudit('reports; new instances and changed states are recorded besides');
      for (const { index, element } of ordered) {
        try {
          const { id } = await reportInstance(tx, this.controllers, { agent, label: actor.label, own: false }, element);
          if (element.gpus) await storeDevices(tx, agent.tenantId, id, element.gpus.map(listedGpu));
          known.push({ providerId: element.instance_id, id });
          accepted++;
        } catch (error) {
          if (!(error instanceof RefusedByRegistry)) throw error;
          rejected.push({ index, error: error.message });
        }
      }
    });
    for (const { providerId, id } of known) this.registry.changed(agent, providerId, id, false);
    return { accepted, duplicates: 0, rejected };
  }
}

const keyOf = (element: InstanceElement) => `${element.cloud_provider} ${element.instance_id}`;
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const REPEATS = `
  WITH given AS (
    SELECT g.* FROM jsonb_to_recordset($3::jsonb)
      AS g(ordinal integer, cloud_provider text, provider_id text, state text, digest text)),
  same AS (
    SELECT g.ordinal, i.id
      FROM given g
      JOIN flotilla.instances i ON i.tenant_id = $1 AND i.cloud_provider = g.cloud_provider AND i.provider_id = g.provider_id
      JOIN flotilla.instance_reports r ON r.tenant_id = i.tenant_id AND r.instance_id = i.id AND r.agent_id = $2
     WHERE r.digest = decode(g.digest, 'hex') AND i.state = g.state),
  locked AS (
    SELECT i.id FROM flotilla.instances i
     WHERE i.tenant_id = $1 AND i.id IN (SELECT s.id FROM same s) ORDER BY i.id FOR UPDATE),
  seen AS (
    UPDATE flotilla.instances i SET last_seen_at = clock_timestamp()
      FROM locked l WHERE i.tenant_id = $1 AND i.id = l.id)
  SELECT s.ordinal FROM same s`;
