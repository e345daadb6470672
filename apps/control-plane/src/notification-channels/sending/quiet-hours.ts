import type { QuietHours } from '@flotilla/contracts';
import { isActive } from '@flotilla/domain';

/** Whether a tenant wants quiet now, and what it lets through. */
export interface Quiet {
  readonly quiet_hours: QuietHours | null;
  readonly critical_passes: boolean;
}

export function isQuiet({ quiet_hours: hours }: Pick<Quiet, 'quiet_hours'>, nowMs: number): boolean {
  if (!hours) return false;
  const { timezone, active_hours: activeHours, active_days: activeDays } = hours;
  return isActive({ timezone, activeHours, activeDays }, nowMs);
}

export const passes = (policy: Quiet, severity: string) => severity === 'critical' && policy.critical_passes;
