import { addAmounts } from './amount.js';
import type { Normalized, SpendRecord } from './record.js';

const MOST_REMARKS = 10;

/**
 * Records as they are read, each identity once.
 *
 * Two rows of one bucket that differ in nothing that we keep are added up. A bucket that comes a second time (paging
 * that overlaps) replaces what came before: it is the same usage told again.
 */
export class Gathering {
  private readonly found = new Map<string, { record: SpendRecord; bucket: object }>();
  private readonly said = new Set<string>();
  private unread = 0;

  /** @param bucket the object of the answer that held the row: tells a second row from a second telling */
  add(given: SpendRecord, bucket: object): void {
    const record = given.section === 'ai_spend' ? ofProvider(given) : given;
    const id = record.record.record_id;
    const known = this.found.get(id);
    if (!known) return void this.found.set(id, { record, bucket });
    if (known.bucket !== bucket) {
      this.remark('a bucket came twice in one answer; the last one counts');
      this.found.set(id, { record, bucket });
      return;
    }
    this.found.set(id, { record: sum(known.record, record), bucket });
  }

  /** A row that cannot be read is left out, counted and named; its neighbours stay. */
  unreadable(why: string): void {
    this.unread++;
    this.remark(`a row cannot be read: ${why}`);
  }

  remark(sentence: string): void {
    if (this.said.size < MOST_REMARKS) this.said.add(sentence);
  }

  get result(): Normalized {
    return {
      records: [...this.found.values()].map(({ record }) => record),
      remarks: [...this.said],
      unreadable: this.unread,
    };
  }
}

/** A provider's own report is whole, and the control plane counts it instead of what applications say of the same calls. */
const ofProvider = ({ section, record }: Extract<SpendRecord, { section: 'ai_spend' }>): SpendRecord => ({
  section,
  record: { ...record, usage_source: 'provider_api' },
});

const AMOUNTS: ReadonlySet<string> = new Set([
  'amount',
  'effective_amount',
  'list_amount',
  'contracted_amount',
  'usage_quantity',
  'cost',
]);

function sum(a: SpendRecord, b: SpendRecord): SpendRecord {
  const added: Record<string, unknown> = { ...b.record };
  for (const [field, value] of Object.entries(a.record)) {
    const other = added[field];
    if (typeof value === 'number' && typeof other === 'number') added[field] = value + other;
    else if (AMOUNTS.has(field) && typeof value === 'string') {
      added[field] = typeof other === 'string' ? addAmounts(value, other) : value;
    }
  }
  return { section: a.section, record: added } as SpendRecord;
}
