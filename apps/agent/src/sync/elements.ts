import { metricById } from '@flotilla/domain';
import { HOST_DEVICE } from '../collectors/collector.js';
import type { MinuteEntry, SpoolEntry } from '../spool/entry.js';

/** The sections of a POST /sync body that an agent fills (API.md section 5). */
export interface SyncBody {
  readonly instances: object[];
  readonly metrics: object[];
  readonly errors: object[];
}

/**
 * Spool entries as the elements of a POST /sync body: a sample is one element. Metrics of a newer agent than the
 * catalogue knows are left out.
 */
export function toSyncBody(
  entries: readonly SpoolEntry[],
  instanceId: string,
  indexOf: (uuid: string) => number | undefined,
): SyncBody {
  const body: SyncBody = { instances: [], metrics: [], errors: [] };
  for (const entry of entries) {
    if (entry.kind === 'minute') body.metrics.push(...samplesOf(entry, instanceId, indexOf(entry.device)));
    else if (entry.kind === 'event') {
      body.errors.push({
        timestamp: new Date(entry.atMs).toISOString(),
        message: entry.message,
        source: entry.device || 'agent',
        code: entry.event,
        severity: entry.severity,
        instance_id: instanceId,
      });
    } else if (entry.kind === 'dropped' && entry.entries > 0) {
      body.errors.push({
        timestamp: new Date((entry.toMinuteS || Date.now() / 1000) * 1000).toISOString(),
        message: `the agent dropped ${entry.entries} entries unsent (${entry.reason})`,
        source: 'spool',
        code: 'entries_dropped',
        severity: 'medium',
        instance_id: instanceId,
      });
    }
  }
  return body;
}

function samplesOf(entry: MinuteEntry, instanceId: string, gpuIndex: number | undefined): object[] {
  const { minuteS, intervalS, metrics, seconds, values } = entry.minute;
  const samples: object[] = [];
  seconds.forEach((second, column) => {
    const measures: Record<string, number> = {};
    metrics.forEach((id, row) => {
      const value = values[row * seconds.length + column];
      const name = metricById(id)?.name;
      if (name !== undefined && value !== undefined && Number.isFinite(value)) measures[name] = value;
    });
    if (Object.keys(measures).length === 0) return;
    samples.push({
      instance_id: instanceId,
      timestamp: new Date((minuteS + second) * 1000).toISOString(),
      ...(intervalS > 0 ? { interval_s: intervalS } : {}),
      ...(entry.device === HOST_DEVICE
        ? {}
        : { gpu_uuid: entry.device, ...(gpuIndex === undefined ? {} : { gpu_index: gpuIndex }) }),
      ...measures,
    });
  });
  return samples;
}
