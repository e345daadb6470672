import { Injectable } from '@nestjs/common';
import { MetricElement, momentOf } from '@flotilla/contracts';
import { METRIC_CATALOGUE } from '@flotilla/domain';
import type { AgentRef, DeviceMinute } from '@flotilla/domain';
import { DeviceRegistry, InstanceRegistry, RefusedByRegistry } from '../../instances/index.js';
import { MetricsIngest } from '../../metrics/index.js';
import type { LiveValues, MinuteOfDevice } from '../../metrics/index.js';
import { readElements } from '../sync.elements.js';
import type { ReadElement, RejectedElement } from '../sync.elements.js';
import type { SectionOutcome } from '../sync.sections.js';

/** Samples that go into one transaction. */
const AT_ONCE = 10_000;
/** Samples older than that are history and not what is on screen now; milliseconds. */
const LIVE_FOR_MS = 5 * 60_000;

interface Sample {
  readonly index: number;
  readonly deviceId: number;
  readonly minute: DeviceMinute;
}

/**
 * Samples of an agent that speaks POST /sync. Each one is a minute with a single second: the ingest merges them, and tells
 * for each one whether it was new. Of two values for one second the first stays, whatever body they came in.
 */
@Injectable()
export class MetricsSection {
  constructor(
    private readonly instances: InstanceRegistry,
    private readonly devices: DeviceRegistry,
    private readonly ingest: MetricsIngest,
  ) {}

  async store(agent: AgentRef, elements: readonly unknown[]): Promise<SectionOutcome> {
    const { read, rejected, ignoredFields } = readElements(MetricElement, elements);
    const samples: Sample[] = [];
    for (const one of read) {
      try {
        samples.push(...(await this.samplesOf(agent, one)));
      } catch (error) {
        if (!(error instanceof RefusedByRegistry)) throw error;
        rejected.push({ index: one.index, error: error.message });
      }
    }
    const counts = { accepted: 0, duplicates: 0, conflicts: 0 };
    for (let from = 0; from < samples.length;) {
      // the two samples of one element stay in one transaction
      let to = Math.min(from + AT_ONCE, samples.length);
      while (to < samples.length && samples[to]!.index === samples[to - 1]!.index) to++;
      rejected.push(...(await this.ingestSamples(agent, samples.slice(from, to), counts)));
      from = to;
    }
    this.ingest.storeLive(newest(agent.tenantId, samples, Date.now() - LIVE_FOR_MS));
    rejected.sort((a, b) => a.index - b.index);
    return { ...counts, rejected, ignored_fields: ignoredFields };
  }

  private async ingestSamples(
    agent: AgentRef,
    samples: readonly Sample[],
    counts: { accepted: number; duplicates: number; conflicts: number },
  ): Promise<RejectedElement[]> {
    const minutes: MinuteOfDevice[] = samples.map(({ deviceId, minute }) => ({ deviceId, minute }));
    const outcomes = await this.ingest.storeSamples(agent.tenantId, agent.agentId, minutes);
    const byElement = new Map<number, { accepted: number; conflicts: number; error: string | undefined }>();
    for (const [i, { index }] of samples.entries()) {
      const outcome = outcomes[i]!;
      const sum = byElement.get(index) ?? { accepted: 0, conflicts: 0, error: undefined };
      sum.accepted += outcome.accepted;
      sum.conflicts += outcome.conflicts;
      sum.error ??= outcome.error;
      byElement.set(index, sum);
    }
    const rejected: RejectedElement[] = [];
    for (const [index, { accepted, conflicts, error }] of byElement) {
      if (accepted > 0) counts.accepted++;
      else if (error !== undefined) rejected.push({ index, error });
      else if (conflicts > 0) counts.conflicts++;
      else counts.duplicates++;
    }
    return rejected;
  }

  /** What an element says about its GPU, and what it says about the host. */
  private async samplesOf(agent: AgentRef, { index, element }: ReadElement<MetricElement>): Promise<Sample[]> {
    const instanceId = await this.instances.resolve(agent, element.instance_id);
    const { gpu, host } = measuresOf(element);
    if (gpu.length === 0 && host.length === 0) throw new RefusedByRegistry('at least one measure is required');
    const samples: Sample[] = [];
    if (gpu.length > 0) {
      samples.push({ index, deviceId: await this.gpuOf(agent, instanceId, element), minute: minuteOf(element, gpu) });
    }
    if (host.length > 0) {
      const deviceId = await this.devices.resolve(agent.tenantId, instanceId, 'host');
      samples.push({ index, deviceId, minute: minuteOf(element, host) });
    }
    return samples;
  }

  private async gpuOf(agent: AgentRef, instanceId: number, element: MetricElement): Promise<number> {
    const { gpu_uuid: uuid, gpu_index: gpuIndex } = element;
    if (uuid !== undefined) {
      return this.devices.resolve(agent.tenantId, instanceId, uuid, { gpuIndex: gpuIndex ?? null });
    }
    if (gpuIndex !== undefined) return this.devices.resolveIndex(agent.tenantId, instanceId, gpuIndex);
    throw new RefusedByRegistry('gpu_index or gpu_uuid is required for measures of a GPU');
  }
}

type Measure = readonly [id: number, value: number];

function measuresOf(element: MetricElement): { gpu: Measure[]; host: Measure[] } {
  const gpu: Measure[] = [];
  const host: Measure[] = [];
  for (const { id, name, of } of METRIC_CATALOGUE) {
    const value = element[name];
    if (value !== undefined) (of === 'gpu' ? gpu : host).push([id, value]);
  }
  return { gpu, host };
}

function minuteOf(element: MetricElement, measures: readonly Measure[]): DeviceMinute {
  const second = Math.floor(momentOf(element.timestamp).getTime() / 1000);
  return {
    minuteS: Math.floor(second / 60) * 60,
    intervalS: element.interval_s ?? 0,
    metrics: measures.map(([id]) => id),
    seconds: Uint8Array.of(((second % 60) + 60) % 60),
    values: Float32Array.from(measures, ([, value]) => value),
  };
}

/** The newest sample of each device, if it is new enough to be on screen. */
function newest(tenantId: string, samples: readonly Sample[], sinceMs: number): LiveValues[] {
  const byDevice = new Map<number, LiveValues>();
  for (const { deviceId, minute } of samples) {
    const atMs = (minute.minuteS + minute.seconds[0]!) * 1000;
    if (atMs < sinceMs || (byDevice.get(deviceId)?.atMs ?? 0) >= atMs) continue;
    byDevice.set(deviceId, { tenantId, deviceId, atMs, metrics: minute.metrics, values: minute.values });
  }
  return [...byDevice.values()];
}
