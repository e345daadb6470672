import { Injectable } from '@nestjs/common';
import type { AgentRef } from '@flotilla/domain';
import { AiSpendSection } from './sections/ai-spend.section.js';
import { AlertsSection } from './sections/alerts.section.js';
import { CostsSection } from './sections/costs.section.js';
import { ErrorsSection } from './sections/errors.section.js';
import { InstancesSection } from './sections/instances.section.js';
import { MetricsSection } from './sections/metrics.section.js';

/** What became of the elements of one section. Every element is in exactly one of the counts or lists. */
export interface SectionOutcome {
  readonly accepted: number;
  /** Known already, and the same. */
  readonly duplicates: number;
  readonly rejected: readonly { readonly index: number; readonly error: string }[];
  /** Known already, with another content (costs: a changed amount). */
  readonly updated?: number;
  /** Samples whose second was stored before with another value; the first one stays. */
  readonly conflicts?: number;
  /** Fields that this version does not know and did not keep. */
  readonly ignored_fields?: number;
  /** Why nothing of this section was stored. */
  readonly error?: string;
}

/** Stores elements of `POST /sync` and Record entries of the stream: one code path for both. */
@Injectable()
export class SyncSections {
  constructor(
    private readonly instances: InstancesSection,
    private readonly metrics: MetricsSection,
    private readonly errors: ErrorsSection,
    private readonly costs: CostsSection,
    private readonly aiSpend: AiSpendSection,
    private readonly alerts: AlertsSection,
  ) {}

  /**
   * Stores what can be stored; a bad element never rejects its neighbours. Safe to call twice with the same elements.
   *
   * @param section instances, metrics, errors, costs, ai_spend, alerts; one that is not known says so in `error`
   * @param elements parsed JSON, not trusted
   */
  async store(agent: AgentRef, section: string, elements: readonly unknown[]): Promise<SectionOutcome> {
    switch (section) {
      case 'instances':
        return this.instances.store(agent, elements);
      case 'metrics':
        return this.metrics.store(agent, elements);
      case 'errors':
        return this.errors.store(agent, elements);
      case 'costs':
        return this.costs.store(agent, elements);
      case 'ai_spend':
        return this.aiSpend.store(agent, elements);
      case 'alerts':
        return this.alerts.store(agent, elements);
      default:
        return { accepted: 0, duplicates: 0, rejected: [], error: notSupported(section) };
    }
  }
}

export const notSupported = (section: string): string =>
  `there is no section ${section.slice(0, 64)}: nothing of it was stored. Known are instances, metrics, errors, costs, ai_spend, alerts.`;
