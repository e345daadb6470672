import { RAW_RETENTION_DAYS, screen } from '@flotilla/domain';
import type { IngestTx } from '@flotilla/persistence';
import { keepActivity } from './activity.store.js';
import type { KnownDevices } from './known-devices.js';
import { admit, enter } from './ingest-books.js';
import type { Admission } from './ingest-books.js';
import type { BatchOutcome, MinuteBatch, MinuteOfDevice, RejectedMinute, SampleOutcome } from './ingest.types.js';
import { inRowOrder } from './minutes.store.js';
import type { MinutesStore, MinuteToStore } from './minutes.store.js';
import { markLate } from './packing-marks.js';
import { quarantine } from './quarantine.store.js';
import type { Quarantined, QuarantineKind } from './quarantine.store.js';

/** How far a clock may run ahead before its minutes are refused. */
export const AHEAD_MAX_S = 5 * 60;
const RETENTION_S = RAW_RETENTION_DAYS * 86_400;

/** Minutes of an agent that carry no sequence. */
export interface Samples {
  readonly tenantId: string;
  readonly agentId: string;
  readonly minutes: readonly MinuteOfDevice[];
}

export type Work = { readonly batch: MinuteBatch } | { readonly samples: Samples };
export type Outcome = BatchOutcome | SampleOutcome[] | Error;

interface Report extends MinuteToStore {
  readonly seq: number | null;
  error: string | null;
}

/** What one piece of work asks to be stored. */
interface Share {
  readonly admission: Admission | null;
  readonly reports: Report[];
  readonly rejected: RejectedMinute[];
}

/** One transaction of the ingest: minutes, activity, late days, quarantine and books of several agents at once. */
export class IngestGroup {
  constructor(
    private readonly minutes: MinutesStore,
    private readonly devices: KnownDevices,
    private readonly nowMs: () => number,
  ) {}

  /** @returns one outcome per piece of work, in order */
  async store(tx: IngestTx, works: readonly Work[]): Promise<Outcome[]> {
    const quarantined: Quarantined[] = [];
    await this.devices.learn(
      tx,
      works.flatMap((work) => ('batch' in work ? work.batch : work.samples)),
    );
    const shares = await this.shares(tx, works, quarantined);
    const accepted = shares.flatMap((share) => share.reports.filter((report) => report.error === null));
    accepted.sort(inRowOrder);
    const rows = await this.minutes.store(tx, accepted);
    await keepActivity(tx, rows);
    await markLate(tx, rows);
    works.forEach((work, i) => noteConflicts(work, shares[i]!, quarantined));
    await quarantine(tx, quarantined);
    await enter(
      tx,
      shares.flatMap(({ admission, reports, rejected }) => {
        if (!admission || admission.absorbed || admission.error) return [];
        return [{ ...admission, ...totals(reports), minutes: reports.length, rejected: rejected.length }];
      }),
    );
    return shares.map(outcomeOf);
  }

  /**
   * Moves past a piece of work that the database does not take: all of it goes to the quarantine with the reason.
   *
   * @returns its outcome, as the only element
   */
  async refuse(tx: IngestTx, work: Work, reason: string): Promise<Outcome[]> {
    const from = 'batch' in work ? work.batch : work.samples;
    const [admission = null] = 'batch' in work ? await admit(tx, [work.batch]) : [];
    if (admission?.error || admission?.absorbed) return [outcomeOf({ admission, reports: [], rejected: [] })];
    const rejected = from.minutes.map(({ deviceId, minute, seq }): RejectedMinute => {
      return { seq: seq ?? null, deviceId, minuteS: minute.minuteS, reason };
    });
    const { tenantId, agentId } = from;
    const occurrences = from.minutes.length;
    await quarantine(tx, [{ tenantId, agentId, deviceId: 0, kind: 'refused_by_database', reason, occurrences }]);
    if (!admission) return [rejected.map(() => ({ accepted: 0, duplicates: 0, conflicts: 0, error: reason }))];
    const nothing = { minutes: 0, stored: 0, duplicates: 0, conflicts: 0 };
    await enter(tx, [{ ...admission, ...nothing, rejected: rejected.length }]);
    return [outcomeOf({ admission, reports: [], rejected })];
  }

  private async shares(tx: IngestTx, works: readonly Work[], quarantined: Quarantined[]): Promise<Share[]> {
    const batches = works.flatMap((work) => ('batch' in work ? [work.batch] : []));
    const admissions = batches.length > 0 ? await admit(tx, batches) : [];
    let next = 0;
    return works.map((work) => {
      if ('samples' in work) return this.share(work.samples, null, work.samples.minutes, quarantined);
      const admission = admissions[next++]!;
      if (admission.absorbed || admission.error) return { admission, reports: [], rejected: [] };
      const fresh = work.batch.minutes.filter((m) => m.seq === undefined || m.seq > admission.storedThrough);
      return this.share(work.batch, admission, fresh, quarantined);
    });
  }

  private share(
    from: MinuteBatch | Samples,
    admission: Admission | null,
    minutes: readonly MinuteOfDevice[],
    quarantined: Quarantined[],
  ): Share {
    const { tenantId, agentId } = from;
    const walEpoch = 'walEpoch' in from ? from.walEpoch : undefined;
    const rejected: RejectedMinute[] = [];
    const note = (kind: QuarantineKind, deviceId: number, reason: string, more: Partial<Quarantined>) =>
      quarantined.push({ tenantId, agentId, deviceId, kind, reason, occurrences: 1, walEpoch, ...more });

    const reports = minutes.map(({ deviceId, minute, seq }): Report => {
      const report = {
        tenantId,
        deviceId,
        minute,
        seq: seq ?? null,
        accepted: 0,
        duplicates: 0,
        conflicts: 0,
        error: null,
      };
      const { minuteS } = minute;
      const refused = this.refusal(tenantId, deviceId, minuteS);
      const read = refused ? refused.reason : screen(minute);
      if (typeof read === 'string') {
        // the id of another tenant's device must not become a key of this tenant's rows
        const knownId = refused?.kind === 'unknown_device' ? 0 : deviceId;
        note(refused?.kind ?? 'unreadable', knownId, read, { seq, minuteS });
        rejected.push({ seq: seq ?? null, deviceId, minuteS, reason: read });
        return { ...report, error: read };
      }
      if (read.unknownMetrics.length > 0) {
        const reason = `metrics ${read.unknownMetrics.join(', ')} are not known here: the agent is newer than this control plane`;
        note('unknown_metric', deviceId, reason, { seq, minuteS });
      }
      if (read.firstOutOfRange !== null) {
        note('out_of_range', deviceId, read.firstOutOfRange, { seq, minuteS, occurrences: read.outOfRange });
      }
      return { ...report, minute: read.minute };
    });
    for (const entry of ('unreadable' in from && from.unreadable) || []) {
      if (admission && entry.seq <= admission.storedThrough) continue;
      note('unreadable', 0, entry.reason, { seq: entry.seq, payload: entry.payload });
      rejected.push({ seq: entry.seq, deviceId: null, minuteS: null, reason: entry.reason });
    }
    return { admission, reports, rejected };
  }

  private refusal(
    tenantId: string,
    deviceId: number,
    minuteS: number,
  ): { kind: QuarantineKind; reason: string } | null {
    if (!this.devices.has(tenantId, deviceId)) {
      return { kind: 'unknown_device', reason: `device ${deviceId} is not one of this tenant` };
    }
    const nowS = this.nowMs() / 1000;
    if (minuteS > nowS + AHEAD_MAX_S) {
      const ahead = Math.round(minuteS - nowS);
      return {
        kind: 'in_the_future',
        reason: `the minute lies ${ahead} s ahead of the server: check the host's clock`,
      };
    }
    // whole days: their partition may be gone
    if (minuteS < Math.floor((nowS - RETENTION_S) / 86_400) * 86_400) {
      return {
        kind: 'too_old',
        reason: `the minute is older than the ${RAW_RETENTION_DAYS} days that samples are kept`,
      };
    }
    return null;
  }
}

function noteConflicts(work: Work, share: Share, quarantined: Quarantined[]): void {
  const { tenantId, agentId } = 'batch' in work ? work.batch : work.samples;
  for (const { deviceId, conflicts, minute, seq } of share.reports) {
    if (conflicts === 0) continue;
    quarantined.push({
      tenantId,
      agentId,
      deviceId,
      kind: 'conflict',
      reason: 'a second report of the same seconds had other values: the first stays',
      occurrences: conflicts,
      seq: seq ?? undefined,
      minuteS: minute.minuteS,
    });
  }
}

function totals(reports: readonly Report[]): { stored: number; duplicates: number; conflicts: number } {
  const sum = { stored: 0, duplicates: 0, conflicts: 0 };
  for (const { accepted, duplicates, conflicts } of reports) {
    sum.stored += accepted;
    sum.duplicates += duplicates;
    sum.conflicts += conflicts;
  }
  return sum;
}

function outcomeOf({ admission, reports, rejected }: Share): Outcome {
  if (!admission) {
    return reports.map(({ accepted, duplicates, conflicts, error }) => ({
      accepted,
      duplicates,
      conflicts,
      ...(error !== null && { error }),
    }));
  }
  if (admission.error) return admission.error;
  const throughSeq = Math.max(admission.storedThrough, admission.batch.lastSeq);
  return { throughSeq, ...totals(reports), rejected, absorbed: admission.absorbed };
}
