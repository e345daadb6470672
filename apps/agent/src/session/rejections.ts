import type { Log } from '../log.js';
import type { SpoolEntry } from '../spool/entry.js';
import type { Spool } from '../spool/spool.js';

/** Kinds of refusal that are told apart; more are counted together. */
const MOST_KINDS = 100;

/**
 * What the control plane refused for good. Nothing is lost silently, and nothing floods the log: a reason is written
 * once with its first entry, and again with its count whenever that is ten times as high.
 */
export class Rejections {
  /** Told of every refused record, so that whoever made it can do better. Must not throw. */
  onRecord: (section: string, json: string, reason: string) => void = () => {};
  private readonly counts = new Map<string, number>();

  constructor(private readonly log: Log) {}

  /** How many entries were refused since the process began. */
  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** @param entry what was sent, where it is still known */
  note(entry: SpoolEntry | null, reason: string): void {
    const what =
      entry === null ? 'an entry' : entry.kind === 'record' ? `a record of ${entry.section}` : `a ${entry.kind}`;
    const key = `${what}: ${reason.replace(/\d+/g, '#')}`;
    const known = this.counts.has(key) || this.counts.size < MOST_KINDS ? key : 'other';
    const count = (this.counts.get(known) ?? 0) + 1;
    this.counts.set(known, count);
    if (/^10*$/.test(String(count))) {
      this.log.warn({ reason, count }, `the control plane refused ${what} of the spool for good`);
    }
    if (entry?.kind === 'record') this.onRecord(entry.section, entry.json, reason);
  }
}

/** Far more than a batch may have. */
const READ_BYTES = 4 << 20;

/** Hands each refused entry of an acknowledgement to `note`, read from the spool before it lets go of them. */
export function noteRejected(
  spool: Pick<Spool, 'read'>,
  rejected: readonly { readonly seq: number; readonly reason: string }[],
  note: (entry: SpoolEntry | null, reason: string) => void,
): void {
  const [first] = rejected;
  if (!first) return;
  const last = Math.max(...rejected.map(({ seq }) => seq));
  const run = spool.read(first.seq, { maxEntries: last - first.seq + 1, maxBytes: READ_BYTES });
  for (const { seq, reason } of rejected) note(run?.entries[seq - run.firstSeq] ?? null, reason);
}
