import {
  creditFactor,
  DAY_MICROS,
  hourlyRateOf,
  meterSpans,
  observedSaving,
  secondsText,
  sumOfAmounts,
  verifiedOfDay,
} from '@flotilla/domain';
import type { BillingModel, MeterSpan, SavingClaim, SavingEnd } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';
import { BILLED, SPANS_OF } from './savings.sql.js';

/** An entry of the ledger that may still change. */
export interface OpenSaving {
  readonly id: number;
  readonly instance_id: number;
  readonly provider_id: string;
  readonly cloud_provider: string;
  readonly currency: string;
  readonly hourly_cost: string | null;
  readonly billing_model: BillingModel;
  readonly committed_share: string;
  readonly estimated: string | null;
  readonly simulated: boolean;
  readonly ended_at: Date | null;
  readonly verified_at: Date | null;
  readonly start_micros: number;
  readonly cap_micros: number;
  readonly account: string | null;
}

/** What it comes to now. */
export interface AdvancedSaving {
  readonly days: readonly {
    readonly day: string;
    readonly currency: string;
    readonly off_seconds: string;
    readonly observed: string;
    readonly billed: string | null;
    readonly verified: string | null;
  }[];
  readonly observed: string;
  readonly verified: string;
  readonly isVerified: boolean;
  readonly endedAt: Date | null;
  readonly endReason: SavingEnd | null;
  readonly offSeconds: string;
  readonly unpricedSeconds: string;
  readonly unknownSeconds: string;
}

/** Days before the stop whose bills say what an hour of the machine costs. */
const RATE_DAYS = 30;
const HOUR_MICROS = 3_600_000_000;

/** What an entry comes to, from the spans and the bills as they are known now. */
export async function advanceSaving(
  tx: ReadTx,
  tenantId: string,
  saving: OpenSaving,
  nowMicros: number,
): Promise<AdvancedSaving> {
  const claim: SavingClaim = {
    startMicros: saving.start_micros,
    capMicros: saving.cap_micros,
    model: saving.billing_model,
    committedShare: Number(saving.committed_share),
  };
  const from = dayOf(claim.startMicros) - RATE_DAYS * DAY_MICROS;
  const spans = await tx.rows<MeterSpan & Record<string, unknown>>(SPANS_OF, [
    tenantId,
    saving.instance_id,
    new Date(from / 1000),
  ]);
  const now = observedSaving(claim, spans, nowMicros);
  const last = Math.min(claim.capMicros, nowMicros);
  const billed = await tx.rows<{ day: string; billed: string | null }>(BILLED, [
    tenantId,
    saving.instance_id,
    dayText(from),
    dayText(last),
    saving.currency,
    saving.cloud_provider,
    saving.account,
  ]);
  const bill = new Map(billed.map((row) => [row.day, row.billed]));
  const on = onMicros(spans, from, dayOf(last) + DAY_MICROS, nowMicros);
  const rate = billRate(bill, on, dayOf(claim.startMicros));
  const factor = creditFactor(claim);
  const days = now.days.map((one) => {
    const day = dayText(one.dayMicros);
    const charged =
      one.currency === saving.currency && isOver(one.dayMicros, nowMicros) ? (bill.get(day) ?? null) : null;
    const hourlyRate = rate ?? hourlyRateOf(one.amount, one.offMicros, factor) ?? saving.hourly_cost;
    const verified =
      charged === null || hourlyRate === null
        ? null
        : verifiedOfDay({ billed: charged, hourlyRate, onMicros: on.get(day) ?? 0, offMicros: one.offMicros, factor });
    return {
      day,
      currency: one.currency,
      off_seconds: secondsText(one.offMicros),
      observed: one.amount,
      billed: charged,
      verified,
    };
  });
  return {
    days,
    observed: sumOfAmounts(days.map((one) => one.observed)),
    verified: sumOfAmounts(days.map((one) => one.verified)),
    isVerified: now.end !== null && days.length > 0 && days.every((one) => one.verified !== null),
    endedAt: now.end && new Date(now.end.atMicros / 1000),
    endReason: now.end?.reason ?? null,
    offSeconds: secondsText(now.days.reduce((total, one) => total + one.offMicros, 0)),
    unpricedSeconds: secondsText(now.unpricedMicros),
    unknownSeconds: secondsText(now.unknownMicros),
  };
}

const dayOf = (micros: number) => Math.floor(micros / DAY_MICROS) * DAY_MICROS;
const dayText = (micros: number) => new Date(micros / 1000).toISOString().slice(0, 10);
/** A bill of a day that is not over will still grow. */
const isOver = (dayMicros: number, nowMicros: number) => dayMicros + DAY_MICROS <= nowMicros;

/** Time that the machine was on, by day. */
function onMicros(spans: readonly MeterSpan[], from: number, to: number, nowMicros: number): Map<string, number> {
  const metered = meterSpans(
    spans.map((span) => ({ ...span, hourlyCost: '1', currency: 'XXX' })),
    'running',
    from,
    Math.min(to, nowMicros),
  );
  return new Map(metered.charges.map(({ dayMicros, billedMicros }) => [dayText(dayMicros), billedMicros]));
}

/** What an hour costs by the bills of the days before the stop; null: they do not tell. */
function billRate(
  bill: ReadonlyMap<string, string | null>,
  on: ReadonlyMap<string, number>,
  beforeMicros: number,
): string | null {
  const charged: string[] = [];
  let micros = 0;
  for (const [day, amount] of bill) {
    const onOfDay = on.get(day) ?? 0;
    if (amount === null || onOfDay === 0 || Date.parse(day) * 1000 >= beforeMicros) continue;
    charged.push(amount);
    micros += onOfDay;
  }
  // less than a day of evidence says little of a rate
  return micros < 24 * HOUR_MICROS ? null : hourlyRateOf(sumOfAmounts(charged), micros);
}
