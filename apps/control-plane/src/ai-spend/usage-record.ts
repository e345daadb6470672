import { hash } from 'node:crypto';
import type { AI_SOURCES } from '@flotilla/contracts';
import type { AiUsage } from '@flotilla/domain';

/** What usage is told apart by, before it has a price. */
export interface UsageOf {
  readonly source: (typeof AI_SOURCES)[number];
  /** Our name of it: see `aiProvider`. */
  readonly provider: string;
  readonly model: string;
  /** inference, embedding, training, fine_tuning, or a provider's word for what is none of them. */
  readonly spendType: string;
  /** Id or external id of a workload; it need not exist yet. */
  readonly workloadRef: string | null;
  readonly projectId: string | null;
  readonly teamId: string | null;
  readonly costCenter: string | null;
  readonly businessUnit: string | null;
  readonly runId: string | null;
  readonly contextWindow: string | null;
  readonly usageUnit: string | null;
}

/** One request, or one bucket of a report, as a source tells it. */
export interface UsageRecord {
  /** What makes it the same record again, within its UTC day. */
  readonly identity: string;
  readonly at: Date;
  /** Exclusive end of a bucket; `at` for a moment. */
  readonly until: Date;
  readonly of: UsageOf;
  /** null: the source does not tell tokens. */
  readonly usage: AiUsage | null;
  /** null: not told. */
  readonly requests: number | null;
  readonly errors: number;
  /** Decimal; what is not counted in tokens. */
  readonly quantity: string | null;
  /** What the source says that it cost; decimal. */
  readonly told: {
    readonly cost: string;
    readonly currency: string | null;
    readonly by: 'provider' | 'reported';
  } | null;
  /** Names of the machine that served it, best first; provider ids, numeric ids, host names. */
  readonly servedBy: readonly string[];
  readonly traceId: string | null;
}

/** The first half of a sha256, as a UUID column takes it. */
export const shortDigest = (text: string): string => hash('sha256', text, 'hex').slice(0, 32);

/** Whatever a source may correct about a record. What it costs by a list is not part of it: lists change by themselves. */
export const contentOf = (record: UsageRecord): string =>
  shortDigest(
    JSON.stringify([
      record.at.getTime(),
      record.until.getTime(),
      record.of,
      record.usage,
      record.requests,
      record.errors,
      record.quantity,
      record.told,
      record.servedBy,
    ]),
  );
