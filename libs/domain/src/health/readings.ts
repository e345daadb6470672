import type { GpuFindings } from './findings.js';
import { LEVEL_RULES } from './level-rules.js';
import type { LevelRule, Sign } from './level-rules.js';
import { afterReset } from './repair.js';
import { withCondition, withoutCondition } from './state.js';
import type { GpuHealthState } from './state.js';

const HOUR = 3_600_000;
/** Corrected errors in an hour above which the memory is worth a look. Our choice: healthy boards have a few in a month. */
export const CORRECTED_PER_HOUR = 1_000;

/**
 * Takes in what a reading says. The same reading again changes nothing but `answeredMs`.
 *
 * @param atMs Unix milliseconds of the host's clock; readings come in order
 */
export function takeReading(state: GpuHealthState, findings: GpuFindings, atMs: number): GpuHealthState {
  let next = repairedByReading(state, findings, atMs);
  for (const rule of LEVEL_RULES) next = applyRule(next, rule, findings, atMs);
  next = applyUncorrected(next, findings.eccUncorrected, atMs);
  next = applyCorrected(next, findings.eccCorrected, atMs);
  next = applyLinks(next, findings.inactiveNvlinks, atMs);
  const { recoveryAction } = findings;
  if (recoveryAction !== undefined && recoveryAction !== next.counters.recoveryAction) {
    next = { ...next, counters: { ...next.counters, recoveryAction } };
  }
  return findings.unanswered === null && findings.missing !== true ? { ...next, answeredMs: atMs } : next;
}

/** A reset shows in a reading: counters begin anew, or the driver takes back what it asked for. */
function repairedByReading(state: GpuHealthState, findings: GpuFindings, atMs: number): GpuHealthState {
  const { eccUncorrected, recoveryAction } = findings;
  const before = state.counters;
  const counterFell = eccUncorrected !== undefined && eccUncorrected < (before.eccUncorrected ?? 0);
  const wasAsked = before.recoveryAction !== undefined && !isNone(before.recoveryAction);
  const takenBack = wasAsked && recoveryAction !== undefined && isNone(recoveryAction);
  return counterFell || takenBack ? afterReset(state, atMs) : state;
}

const isNone = (word: string): boolean => /^(none|no action)$/i.test(word.trim());

function applyRule(state: GpuHealthState, rule: LevelRule, findings: GpuFindings, atMs: number): GpuHealthState {
  const sign = rule.look(findings);
  if (sign === undefined) return state;
  const stands = state.conditions.some(({ key }) => key === rule.key);
  if (sign === null) return signIsGone(state, rule, stands, atMs);
  if (state.acknowledged[rule.key] === sign.evidence) return state;
  if (!stands && !sign.definite) {
    const waited = stillWaits(state, rule, atMs);
    if (waited) return waited;
  }
  return stand(state, rule.key, sign, stands ? atMs : (beganMs(state, rule) ?? atMs), atMs);
}

/** The state with the wait noted, or null when the sign has lasted long enough. */
function stillWaits(state: GpuHealthState, rule: LevelRule, atMs: number): GpuHealthState | null {
  const before = state.pending[rule.key];
  if (rule.readings !== undefined) {
    const seen = (before ?? 0) + 1;
    return seen >= rule.readings ? null : { ...state, pending: { ...state.pending, [rule.key]: seen } };
  }
  if (rule.lastsMs === undefined) return null;
  if (before === undefined) return { ...state, pending: { ...state.pending, [rule.key]: atMs } };
  return atMs - before >= rule.lastsMs ? null : state;
}

const beganMs = (state: GpuHealthState, rule: LevelRule): number | undefined =>
  rule.lastsMs === undefined ? undefined : state.pending[rule.key];

function stand(state: GpuHealthState, key: string, sign: Sign, sinceMs: number, atMs: number): GpuHealthState {
  const { verdict, action, reason, evidence } = sign;
  const before = state.conditions.find((condition) => condition.key === key);
  const unchanged = before?.evidence === evidence && before.verdict === verdict;
  // the last sign of what simply stands is not worth a change at every reading
  if (unchanged && state.pending[key] === undefined && state.pending[`${key}:gone`] === undefined) return state;
  const condition = { key, verdict, action, reason, evidence, repair: 'signal' as const, sinceMs, lastMs: atMs };
  return {
    ...state,
    conditions: withCondition(state.conditions, condition),
    pending: without(without(state.pending, key), `${key}:gone`),
  };
}

function signIsGone(state: GpuHealthState, rule: LevelRule, stands: boolean, atMs: number): GpuHealthState {
  const pending = without(state.pending, rule.key);
  const acknowledged = without(state.acknowledged, rule.key);
  const forgot = pending !== state.pending || acknowledged !== state.acknowledged;
  const calm = forgot ? { ...state, pending, acknowledged } : state;
  if (!stands) return calm;
  const gone = `${rule.key}:gone`;
  if (rule.lastsMs !== undefined) {
    const since = state.pending[gone];
    if (since === undefined) return { ...calm, pending: { ...pending, [gone]: atMs } };
    if (atMs - since < rule.lastsMs) return calm;
  }
  return { ...calm, conditions: withoutCondition(calm.conditions, rule.key), pending: without(pending, gone) };
}

/** Uncorrectable errors since the driver was loaded: some are a warning, one more while we look is a fault. */
function applyUncorrected(state: GpuHealthState, count: number | undefined, atMs: number): GpuHealthState {
  if (count === undefined) return state;
  const before = state.counters.eccUncorrected;
  if (count === before) return state;
  const counted = { ...state, counters: { ...state.counters, eccUncorrected: count } };
  if (count === 0 || (before !== undefined && count < before)) return counted;
  const grew = before !== undefined;
  const field = 'ecc.errors.uncorrected.volatile.total';
  return {
    ...counted,
    conditions: withCondition(counted.conditions, {
      key: 'ecc_uncorrected',
      verdict: grew ? 'unhealthy' : 'degraded',
      action: 'reset_gpu',
      reason: grew
        ? 'The memory has a new error that ECC cannot correct.'
        : 'The memory had errors that ECC could not correct since the driver was loaded.',
      evidence: grew ? `${field}: ${before} → ${count}` : `${field}: ${count}`,
      repair: 'reset',
      sinceMs: atMs,
      lastMs: atMs,
    }),
  };
}

function applyCorrected(state: GpuHealthState, count: number | undefined, atMs: number): GpuHealthState {
  if (count === undefined) return state;
  const { eccCorrected: base, eccCorrectedSinceMs: sinceMs } = state.counters;
  const fresh = base === undefined || sinceMs === undefined || count < base || atMs - sinceMs >= HOUR || atMs < sinceMs;
  const grown = fresh ? 0 : count - base;
  if (!fresh && grown < CORRECTED_PER_HOUR) return state;
  const counted = { ...state, counters: { ...state.counters, eccCorrected: count, eccCorrectedSinceMs: atMs } };
  if (grown < CORRECTED_PER_HOUR) return counted;
  return {
    ...counted,
    conditions: withCondition(counted.conditions, {
      key: 'ecc_corrected',
      verdict: 'degraded',
      action: 'drain',
      reason: `The memory needed correcting ${grown} times within an hour.`,
      evidence: `ecc.errors.corrected.volatile.total: ${base} → ${count}`,
      repair: 'reset',
      sinceMs: sinceMs as number,
      lastMs: atMs,
    }),
  };
}

/** A link that was up and is down is a fault; one that was never up is an empty slot. */
function applyLinks(state: GpuHealthState, down: readonly number[] | undefined, atMs: number): GpuHealthState {
  if (down === undefined) return state;
  const known = state.counters.nvlinksDown;
  const baseline = known === undefined ? down : known.filter((link) => down.includes(link));
  const lost = down.filter((link) => !baseline.includes(link));
  const same = known !== undefined && known.length === baseline.length;
  const counted = same ? state : { ...state, counters: { ...state.counters, nvlinksDown: baseline } };
  if (lost.length === 0) {
    const conditions = withoutCondition(counted.conditions, 'nvlink');
    return conditions === counted.conditions ? counted : { ...counted, conditions };
  }
  const sign: Sign = {
    verdict: 'degraded',
    action: 'drain',
    reason: `${lost.length} NVLink(s) that worked are down.`,
    evidence: `nvlink down: ${lost.join(', ')}`,
  };
  return stand(counted, 'nvlink', sign, atMs, atMs);
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record;
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
