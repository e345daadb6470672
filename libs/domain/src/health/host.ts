import { countSighting } from './faults.js';
import type { Noted } from './faults.js';
import { NEW_GPU, withCondition, withoutCondition } from './state.js';
import type { Condition, GpuHealthState } from './state.js';
import type { AdvisedAction, HealthVerdict } from './words.js';
import { sxidName } from './sxid-catalogue.js';

/**
 * What concerns every GPU of a host: its NVSwitches, its Fabric Manager, its driver, the tool that reads. Kept like the
 * health of a GPU, and shown with each of them.
 */
export type HostHealthState = GpuHealthState;
export const NEW_HOST: HostHealthState = NEW_GPU;

export interface SxidReport {
  readonly code: number;
  readonly fatal: boolean;
  /** Place of the NVSwitch on the bus; empty: not told. */
  readonly busId: string;
  readonly line: string;
  readonly atMs: number;
  /** kernel or fabric-manager */
  readonly source: string;
}

/** An error of an NVSwitch. Fatal ones end jobs on every GPU and last until the fabric is made anew. */
export function noteSxid(state: HostHealthState, report: SxidReport): Noted {
  const { code, fatal, busId, line, atMs } = report;
  const action = fatal ? ('reboot' as const) : ('none' as const);
  const noted = countSighting(state, { kind: 'sxid', ...report, class: 'fabric', action });
  if (noted.repeated || !fatal) return noted;
  const at = busId === '' ? '' : ` of the NVSwitch at ${busId}`;
  const condition = {
    key: `sxid:${code}`,
    verdict: 'unhealthy' as const,
    action: 'reboot' as const,
    reason: `Fatal SXid ${code}${at}: ${sxidName(code)}. Jobs that use NVLink have failed.`,
    evidence: line,
    repair: 'reset' as const,
    sinceMs: atMs,
    lastMs: atMs,
  };
  return { ...noted, state: { ...noted.state, conditions: withCondition(noted.state.conditions, condition) } };
}

/** Troubles of a host by name; each stands until its end is told. */
export const HOST_TROUBLES = {
  driver_mismatch: {
    verdict: 'degraded',
    action: 'reboot',
    reason: 'The driver was upgraded under running work: what runs goes on, new work fails until the host is rebooted.',
  },
  driver_not_loaded: { verdict: 'unknown', action: 'none', reason: 'The NVIDIA driver is not loaded.' },
  tool_hung: {
    verdict: 'unknown',
    action: 'reboot',
    reason: 'The driver does not answer: the tool that reads the GPUs hangs in the kernel.',
  },
  no_reading: { verdict: 'unknown', action: 'none', reason: 'Nobody reads the GPUs.' },
  fabric_manager: {
    verdict: 'degraded',
    action: 'drain',
    reason: 'The Fabric Manager failed: jobs that use NVLink cannot start. Look at its log, then restart it.',
  },
} as const satisfies Record<string, { verdict: HealthVerdict; action: AdvisedAction; reason: string }>;

export type HostTrouble = keyof typeof HOST_TROUBLES;

/** @param evidence what was seen, word for word; null: the trouble is over, or was never there */
export function setHostTrouble(
  state: HostHealthState,
  trouble: HostTrouble,
  evidence: string | null,
  atMs: number,
): HostHealthState {
  const before = state.conditions.find(({ key }) => key === trouble);
  if (evidence === null) {
    if (!before) return state;
    return { ...state, conditions: withoutCondition(state.conditions, trouble) };
  }
  if (before?.evidence === evidence) return state;
  const { verdict, action, reason } = HOST_TROUBLES[trouble];
  const condition: Condition = {
    key: trouble,
    verdict,
    action,
    reason,
    evidence,
    repair: 'signal',
    sinceMs: before?.sinceMs ?? atMs,
    lastMs: atMs,
  };
  return { ...state, conditions: withCondition(state.conditions, condition) };
}
