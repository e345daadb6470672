import { protectionWords } from './findings.js';
import type { GpuFindings } from './findings.js';
import type { AdvisedAction, HealthVerdict } from './words.js';

export interface Sign {
  readonly verdict: HealthVerdict;
  readonly action: AdvisedAction;
  readonly reason: string;
  readonly evidence: string;
  /** Leaves no doubt at first sight, whatever the rule says about lasting. */
  readonly definite?: boolean;
}

/** A condition that stands as long as readings show it. */
export interface LevelRule {
  readonly key: string;
  /** The sign; null: not there; undefined: the reading does not tell. */
  readonly look: (findings: GpuFindings) => Sign | null | undefined;
  /** How long the sign has to last before it counts, and to be away before it is over; milliseconds. */
  readonly lastsMs?: number;
  /** How many readings in a row must show it. */
  readonly readings?: number;
}

const MINUTE = 60_000;
/** A slowdown shorter than this is a hot minute and no fault. Our choice: cooling reacts within some 2 minutes. */
export const SLOWDOWN_LASTS_MS = 5 * MINUTE;
/** A GPU registers with the fabric within some 2 minutes of boot. */
export const FABRIC_LASTS_MS = 5 * MINUTE;
/** A loop of nvidia-smi may stumble over one round. */
export const UNANSWERED_READINGS = 3;

const flag = (key: string, field: keyof GpuFindings, sign: Omit<Sign, 'evidence'>, evidence: string): LevelRule => ({
  key,
  look: (findings) => {
    const value = findings[field];
    return value === undefined ? undefined : value === true ? { ...sign, evidence } : null;
  },
});

export const LEVEL_RULES: readonly LevelRule[] = [
  {
    key: 'unanswered',
    readings: UNANSWERED_READINGS,
    look: ({ unanswered }) => {
      if (unanswered === undefined || unanswered === null) return unanswered;
      const lost = /lost|fallen off/i.test(unanswered);
      return {
        verdict: 'unhealthy',
        action: lost ? 'reboot' : 'reset_gpu',
        reason: `The GPU answers nothing: ${unanswered}.`,
        evidence: unanswered,
        definite: lost || /requires reset/i.test(unanswered),
      };
    },
  },
  flag(
    'missing',
    'missing',
    { verdict: 'unhealthy', action: 'reboot', reason: 'The driver does not list this GPU any more.' },
    'known from before, not in the newest listing of the driver',
  ),
  { key: 'recovery_action', look: recoveryAction },
  flag(
    'row_remap_failure',
    'rowRemapFailure',
    { verdict: 'unhealthy', action: 'rma', reason: 'A memory row could not be remapped: the board needs replacing.' },
    'remapped_rows.failure: Yes',
  ),
  flag(
    'row_remap_pending',
    'rowRemapPending',
    { verdict: 'degraded', action: 'reset_gpu', reason: 'A memory row waits to be remapped: reset the GPU.' },
    'remapped_rows.pending: Yes',
  ),
  flag(
    'retired_pages_pending',
    'retiredPagesPending',
    { verdict: 'degraded', action: 'reset_gpu', reason: 'A memory page waits to be retired: reset the GPU.' },
    'retired_pages.pending: Yes',
  ),
  flag(
    'sram_threshold',
    'sramThresholdExceeded',
    { verdict: 'unhealthy', action: 'rma', reason: 'The SRAM has more uncorrectable errors than its maker allows.' },
    'ECC SRAM threshold exceeded: Yes',
  ),
  flag(
    'unrepairable_memory',
    'unrepairableMemory',
    { verdict: 'unhealthy', action: 'rma', reason: 'The memory has a fault that cannot be repaired.' },
    'unrepairable memory: Yes',
  ),
  flag(
    'repair_pending',
    'repairPending',
    { verdict: 'degraded', action: 'reset_gpu', reason: 'A part of the GPU waits for its repair: reset the GPU.' },
    'repair pending: Yes',
  ),
  flag(
    'reset_required',
    'resetRequired',
    { verdict: 'unhealthy', action: 'reset_gpu', reason: 'The driver says that only a reset helps.' },
    'reset required: Yes',
  ),
  flag(
    'drain_and_reset',
    'drainAndResetRecommended',
    { verdict: 'degraded', action: 'reset_gpu', reason: 'The driver advises to drain the GPU and to reset it.' },
    'drain and reset recommended: Yes',
  ),
  flag(
    'inforom',
    'infoRomCorrupted',
    { verdict: 'degraded', action: 'drain', reason: 'The infoROM of the board is corrupted; its values may be wrong.' },
    'WARNING: infoROM is corrupted',
  ),
  { key: 'fabric', lastsMs: FABRIC_LASTS_MS, look: fabric },
  {
    key: 'slowdown',
    lastsMs: SLOWDOWN_LASTS_MS,
    look: ({ throttleReasons }) => {
      if (throttleReasons === undefined) return undefined;
      const words = protectionWords(throttleReasons);
      if (words.length === 0) return null;
      return {
        verdict: 'degraded',
        action: 'drain',
        reason: `The GPU has slowed itself down for minutes (${words.join(', ')}): check its cooling and its power.`,
        evidence: `clocks_event_reasons.active: 0x${throttleReasons.toString(16)} (${words.join(', ')})`,
      };
    },
  },
];

/** The words are not pinned between drivers: one that nobody knows asks for something, and is not guessed away. */
function recoveryAction({ recoveryAction: word }: GpuFindings): Sign | null | undefined {
  if (word === undefined) return undefined;
  if (/^(none|no action)$/i.test(word.trim())) return null;
  const reason = `The driver asks for a recovery action: ${word}.`;
  const evidence = `gpu_recovery_action: ${word}`;
  if (/reboot/i.test(word)) return { verdict: 'unhealthy', action: 'reboot', reason, evidence };
  if (/drain/i.test(word)) {
    return { verdict: 'degraded', action: /reset/i.test(word) ? 'reset_gpu' : 'drain', reason, evidence };
  }
  return { verdict: 'unhealthy', action: /reset/i.test(word) ? 'reset_gpu' : 'drain', reason, evidence };
}

function fabric({ fabricState, fabricStatus }: GpuFindings): Sign | null | undefined {
  if (fabricState === undefined || /^(n\/a|not supported)$/i.test(fabricState)) return undefined;
  const evidence = `fabric.state: ${fabricState}, fabric.status: ${fabricStatus ?? 'not told'}`;
  if (!/^completed$/i.test(fabricState)) {
    const reason = `The GPU is not registered with the NVLink fabric (${fabricState}): look at nvidia-fabricmanager.`;
    return { verdict: 'degraded', action: 'drain', reason, evidence };
  }
  if (fabricStatus === undefined || /^(success|n\/a)$/i.test(fabricStatus)) return null;
  const reason = `The GPU could not join the NVLink fabric (${fabricStatus}): restart nvidia-fabricmanager, then reset the GPU.`;
  return { verdict: 'unhealthy', action: 'reset_gpu', reason, evidence };
}
