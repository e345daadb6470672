import { Injectable } from '@nestjs/common';
import { AiSpendElement } from '@flotilla/contracts';
import type { AgentRef } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import { AgentActors } from '../../actions/index.js';
import { reportedUsage, UsageLedger } from '../../ai-spend/index.js';
import type { UsageRecord } from '../../ai-spend/index.js';
import { readElements } from '../sync.elements.js';
import type { SectionOutcome } from '../sync.sections.js';

/** Records of one transaction. */
const AT_ONCE = 5_000;

/** Usage of AI models that an agent collected or was told. */
@Injectable()
export class AiSpendSection {
  constructor(
    private readonly db: Db,
    private readonly actors: AgentActors,
    private readonly ledger: UsageLedger,
  ) {}

  async store(agent: AgentRef, elements: readonly unknown[]): Promise<SectionOutcome> {
    const { read, rejected, ignoredFields } = readElements(AiSpendElement, elements);
    const outcome = { accepted: 0, updated: 0, duplicates: 0 };
    const records: { readonly index: number; readonly record: UsageRecord }[] = [];
    for (const { index, element } of read) {
      const record = reportedUsage(element);
      if ('refused' in record) rejected.push({ index, error: record.refused });
      else records.push({ index, record });
    }
    const simulated = records.length > 0 && (await this.isSimulated(agent));
    for (let from = 0; from < records.length; from += AT_ONCE) {
      const chunk = records.slice(from, from + AT_ONCE);
      const stored = await this.ledger.store(
        await this.actors.of(agent),
        chunk.map(({ record }) => record),
        simulated,
      );
      outcome.accepted += stored.accepted;
      outcome.updated += stored.updated;
      outcome.duplicates += stored.duplicates;
      rejected.push(...stored.refused.map(({ index, reason }) => ({ index: chunk[index]!.index, error: reason })));
    }
    rejected.sort((a, b) => a.index - b.index);
    return { ...outcome, rejected, ignored_fields: ignoredFields };
  }

  private async isSimulated(agent: AgentRef): Promise<boolean> {
    const row = await this.db.read(agent, (tx) =>
      tx.row<{ simulated: boolean }>('SELECT a.simulated FROM flotilla.agents a WHERE a.tenant_id = $1 AND a.id = $2', [
        agent.tenantId,
        agent.agentId,
      ]),
    );
    return row?.simulated ?? false;
  }
}
