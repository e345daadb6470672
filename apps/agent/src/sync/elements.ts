import { metricById } from '@flotilla/domain';
import { HOST_DEVICE } from '../collectors/collector.js';
import type { MinuteEntry, RecordEntry, SpoolEntry } from '../spool/entry.js';

/** The sections of a POST /sync body that an agent fills (API.md section 5). */
export interface SyncBody {
  readonly instances: object[];
  readonly metrics: object[];
  readonly errors: object[];
  /** Sections that only records fill: costs, ai_spend, alerts; absent where there is nothing. */
  readonly [section: string]: object[];
}

/** The record that stands at this place of this section; undefined where the element is none. */
export type RecordAt = (section: string, index: number) => RecordEntry | undefined;

/**
 * Spool entries as the elements of a POST /sync body: a sample is one element. Metrics of a newer agent than the
 * catalogue knows are left out.
 */
export function toSyncBody(
  entries: readonly SpoolEntry[],
  instanceId: string,
  indexOf: (uuid: string) => number | undefined,
): { readonly body: SyncBody; readonly recordAt: RecordAt } {
  const body: { [section: string]: object[] } & SyncBody = { instances: [], metrics: [], errors: [] };
  const records = new Map<string, RecordEntry>();
  for (const entry of entries) {
    if (entry.kind === 'record') {
      const section = (body[entry.section] ??= []);
      records.set(`${entry.section} ${section.length}`, entry);
      section.push(elementOf(entry.json));
    } else if (entry.kind === 'minute') body.metrics.push(...samplesOf(entry, instanceId, indexOf(entry.device)));
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
  return { body, recordAt: (section, index) => records.get(`${section} ${index}`) };
}

/** What is no JSON goes as nothing, which the control plane refuses by its place. */
function elementOf(json: string): object {
  try {
    return JSON.parse(json) as object;
  } catch {
    return {};
  }
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

/** ISO 8601 (or a number) as Unix milliseconds; 0: none that can be read. */
export const momentMs = (value: unknown): number => {
  const ms = typeof value === 'number' ? value : Date.parse(String(value ?? ''));
  return Number.isFinite(ms) ? ms : 0;
};

/** A process that an offer knows of. */
export const knownProcess = (wire: Record<string, unknown>) => ({
  device: String(wire['device'] ?? ''),
  pid: Number(wire['pid']),
  name: String(wire['name'] ?? ''),
  startedAtMs: Number(wire['started_at_ms'] ?? 0),
});
