import { afterReset } from './repair.js';
import { episodeCount, withCondition } from './state.js';
import type { Episode, GpuHealthState } from './state.js';
import { xidEntry } from './xid-catalogue.js';
import type { AdvisedAction, FaultClass } from './words.js';

/** So long without the same code, and the next one begins another episode. Our choice: jobs that crash come back within it. */
export const EPISODE_GAP_MS = 3_600_000;
/** Two tellers of one event are this far apart at most. */
const SAME_EVENT_MS = 60_000;
const MOST_EPISODES = 20;

export interface XidReport {
  readonly code: number;
  /** As it stood in the log; empty where there was no line. */
  readonly line: string;
  /** Unix milliseconds of the host's clock. */
  readonly atMs: number;
  /** Who tells of it: kernel, nvml, nvidia-smi. */
  readonly source: string;
  /** For Xid 154: the recovery action that the driver asks for now. */
  readonly recoveryAction?: string;
}

export interface Noted {
  readonly state: GpuHealthState;
  /** A new episode began with it. */
  readonly began: boolean;
  /** Another teller of what is known already. */
  readonly repeated: boolean;
}

/** Takes in an Xid: counts it, and lets codes that speak against the GPU make a condition. */
export function noteXid(state: GpuHealthState, report: XidReport): Noted {
  if (report.code === 154 && report.recoveryAction !== undefined) return noteRecoveryAction(state, report);
  const entry = xidEntry(report.code);
  const noted = countSighting(state, { kind: 'xid', ...report, class: entry.class, action: entry.action });
  if (noted.repeated || entry.verdict === 'healthy') return noted;
  const condition = {
    key: `xid:${report.code}`,
    verdict: entry.verdict,
    action: entry.action,
    reason: `Xid ${report.code}: ${entry.sentence}.`,
    evidence: report.line || `Xid ${report.code}, told by ${report.source}`,
    repair: entry.action === 'reboot' ? ('reboot' as const) : ('reset' as const),
    sinceMs: report.atMs,
    lastMs: report.atMs,
  };
  return { ...noted, state: { ...noted.state, conditions: withCondition(noted.state.conditions, condition) } };
}

/** "None" says that the GPU was repaired; any other word is what the readings' `recovery_action` says a little later. */
function noteRecoveryAction(state: GpuHealthState, report: XidReport): Noted {
  const noted = countSighting(state, { kind: 'xid', ...report, class: 'info', action: 'none' });
  if (noted.repeated) return noted;
  const word = report.recoveryAction as string;
  if (/^none$/i.test(word)) {
    const healed = afterReset(noted.state, report.atMs);
    return { ...noted, state: healed };
  }
  const reboot = /reboot/i.test(word);
  const drain = /drain/i.test(word);
  const condition = {
    key: 'xid:154',
    verdict: drain ? ('degraded' as const) : ('unhealthy' as const),
    action: reboot ? ('reboot' as const) : /reset/i.test(word) ? ('reset_gpu' as const) : ('drain' as const),
    reason: `The driver asks for a recovery action: ${word}.`,
    evidence: report.line,
    repair: reboot ? ('reboot' as const) : ('reset' as const),
    sinceMs: report.atMs,
    lastMs: report.atMs,
  };
  return { ...noted, state: { ...noted.state, conditions: withCondition(noted.state.conditions, condition) } };
}

interface Sighting {
  readonly kind: Episode['kind'];
  readonly code: number;
  readonly class: FaultClass;
  readonly action: AdvisedAction;
  readonly line: string;
  readonly atMs: number;
  readonly source: string;
}

/** Adds a sighting to the open episode of its code, or begins one. */
export function countSighting(state: GpuHealthState, sighting: Sighting): Noted {
  const { kind, code, atMs, source, line } = sighting;
  const open = state.episodes.findLast((e) => e.kind === kind && e.code === code && !e.closed);
  if (!open || atMs - open.lastMs > EPISODE_GAP_MS) {
    if (toldBefore(state, sighting)) return { state, began: false, repeated: true };
    const { class: faultClass, action } = sighting;
    const begun = { kind, code, class: faultClass, action, line, counts: { [source]: 1 }, firstMs: atMs, lastMs: atMs };
    const episodes = [...state.episodes, { ...begun, closed: false }].slice(-MOST_EPISODES);
    return { state: { ...state, episodes }, began: true, repeated: false };
  }
  const told = episodeCount(open);
  const mine = open.counts[source] ?? 0;
  const repeated = mine < told && Math.abs(atMs - open.lastMs) <= SAME_EVENT_MS;
  const counted = {
    ...open,
    counts: { ...open.counts, [source]: repeated ? mine + 1 : told + 1 },
    firstMs: Math.min(open.firstMs, atMs),
    lastMs: Math.max(open.lastMs, atMs),
    line: line || open.line,
  };
  const episodes = state.episodes.map((episode) => (episode === open ? counted : episode));
  return { state: { ...state, episodes }, began: false, repeated };
}

/** A slower teller of what a person has just cleared tells nothing new. */
function toldBefore(state: GpuHealthState, { kind, code, atMs, source }: Sighting): boolean {
  const last = state.episodes.findLast((e) => e.kind === kind && e.code === code);
  if (!last?.closed || Math.abs(atMs - last.lastMs) > SAME_EVENT_MS) return false;
  return (last.counts[source] ?? 0) < episodeCount(last) && Object.keys(last.counts).some((name) => name !== source);
}
