import { Injectable } from '@nestjs/common';
import { CostElement } from '@flotilla/contracts';
import type { AgentRef } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import { AgentActors } from '../../actions/index.js';
import { CostLedger, Reconciliation, reportedCost } from '../../costs/index.js';
import { readElements } from '../sync.elements.js';
import type { SectionOutcome } from '../sync.sections.js';

/** Charges of one transaction. */
const AT_ONCE = 1_000;

/** Costs that an agent collected or was told. */
@Injectable()
export class CostsSection {
  constructor(
    private readonly db: Db,
    private readonly actors: AgentActors,
    private readonly ledger: CostLedger,
    private readonly reconciliation: Reconciliation,
  ) {}

  async store(agent: AgentRef, elements: readonly unknown[]): Promise<SectionOutcome> {
    const { read, rejected, ignoredFields } = readElements(CostElement, elements);
    const outcome = { accepted: 0, updated: 0, duplicates: 0 };
    if (read.length === 0) return { ...outcome, rejected, ignored_fields: ignoredFields };
    const context = await this.db.read(agent, (tx) =>
      tx.row<{ currency: string; simulated: boolean; now: Date }>(
        `SELECT t.currency, (t.simulated OR a.simulated) AS simulated, now() AS now
           FROM flotilla.tenants t JOIN flotilla.agents a ON a.tenant_id = t.tenant_id AND a.id = $2 WHERE t.tenant_id = $1`,
        [agent.tenantId, agent.agentId],
      ),
    );
    if (!context) throw new Error(`agent ${agent.agentId} is not there any more`);
    for (let from = 0; from < read.length; from += AT_ONCE) {
      const records = read.slice(from, from + AT_ONCE).flatMap(({ index, element }) => {
        const record = reportedCost(element, context);
        if (!('refused' in record)) return [record];
        rejected.push({ index, error: record.refused });
        return [];
      });
      const days = records.map((record) => record.chargeStart.slice(0, 10)).sort();
      const stored = await this.db.write(await this.actors.of(agent), async (tx) => {
        tx.withoutAudit('costs of an agent are kept as they are');
        const kept = await this.ledger.store(tx, agent, records);
        if (days.length > 0) await this.reconciliation.settle(tx, agent.tenantId, days[0]!, days.at(-1)!);
        return kept;
      });
      outcome.accepted += stored.accepted;
      outcome.updated += stored.updated;
      outcome.duplicates += stored.duplicates;
    }
    rejected.sort((a, b) => a.index - b.index);
    return { ...outcome, rejected, ignored_fields: ignoredFields };
  }
}
