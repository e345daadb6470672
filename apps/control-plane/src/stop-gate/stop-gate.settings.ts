import { atLeastFloor, DEFAULT_STOP_GATE } from '@flotilla/domain';
import type { Decision, StopGateSettings } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';

export interface StopGateSettingsRow {
  readonly min_coverage_percent: number;
  readonly min_running_minutes: number;
  readonly parked: Decision;
  readonly local_disks: Decision;
  readonly unknown_disks: Decision;
  readonly spot: Decision;
  readonly committed: Decision;
  readonly unknown_processes: Decision;
}

export const SETTING_COLUMNS =
  's.min_coverage_percent, s.min_running_minutes, s.parked, s.local_disks, s.unknown_disks, s.spot, s.committed, s.unknown_processes';

/** What the tenant decided, or the defaults; never below the floor. */
export async function readStopGateSettings(tx: ReadTx, tenantId: string): Promise<StopGateSettings> {
  const row = await tx.row<StopGateSettingsRow & Record<string, unknown>>(
    `SELECT ${SETTING_COLUMNS} FROM flotilla.stop_gate_settings s WHERE s.tenant_id = $1`,
    [tenantId],
  );
  if (!row) return DEFAULT_STOP_GATE;
  return atLeastFloor({
    minCoverage: row.min_coverage_percent / 100,
    minRunningMinutes: row.min_running_minutes,
    parked: row.parked,
    localDisks: row.local_disks,
    unknownDisks: row.unknown_disks,
    spot: row.spot,
    committed: row.committed,
    unknownProcesses: row.unknown_processes,
  });
}

/** As it is shown. */
export const settingsOnWire = (settings: StopGateSettings): StopGateSettingsRow => ({
  min_coverage_percent: settings.minCoverage * 100,
  min_running_minutes: settings.minRunningMinutes,
  parked: settings.parked,
  local_disks: settings.localDisks,
  unknown_disks: settings.unknownDisks,
  spot: settings.spot,
  committed: settings.committed,
  unknown_processes: settings.unknownProcesses,
});
