import type { StopCheck } from './judge.js';

/** What a check found; whether it stands in the way is decided in one place. */
export interface Finding {
  readonly check: StopCheck;
  readonly verdict: 'pass' | 'refuse' | 'unknown';
  readonly reason: string;
  /** The tenant accepted it in its settings. */
  readonly harmless?: boolean;
}

export const pass = (check: StopCheck, reason: string): Finding => ({ check, verdict: 'pass', reason });
export const refuse = (check: StopCheck, reason: string, harmless = false): Finding => ({
  check,
  verdict: 'refuse',
  reason: harmless ? `${reason} The settings of the gate accept that.` : reason,
  harmless,
});
export const unknown = (check: StopCheck, reason: string, harmless = false): Finding => ({
  check,
  verdict: 'unknown',
  reason: harmless ? `${reason} The settings of the gate accept that.` : reason,
  harmless,
});
