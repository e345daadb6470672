import type { AgentRef } from '@flotilla/domain';

/** What became of the elements of one section. Every element is in exactly one of the counts. */
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
export abstract class SyncSections {
  /**
   * Stores what can be stored; a bad element never rejects its neighbours. Safe to call twice with the same elements.
   *
   * @param section instances, metrics, errors, …; one that is not supported yet says so in `error`
   * @param elements parsed JSON, not trusted
   */
  abstract store(agent: AgentRef, section: string, elements: readonly unknown[]): Promise<SectionOutcome>;
}
