import { GPU_MODELS } from './gpu-models.js';
import type { GpuModel, GpuModelName } from './gpu-models.js';
import { mix, unit } from './random.js';
import { isWeekend } from './workloads.js';
import type { Workload, WorkloadPlan } from './workloads.js';

export interface SimulatedGpu {
  readonly kind: 'gpu' | 'mig';
  readonly uuid: string;
  /** null for MIG instances: the driver numbers GPUs only. */
  readonly gpuIndex: number | null;
  readonly parentUuid: string | null;
  readonly model: GpuModel;
  readonly memoryTotalMib: number;
  readonly migEnabled: boolean;
  /** Runs hot, slows itself down, counts memory errors. */
  readonly sick: boolean;
  readonly seed: number;
}

export interface SimulatedInstance {
  /** 0, 1, 2, … in the fleet. */
  readonly number: number;
  readonly providerId: string;
  readonly name: string;
  readonly cloudProvider: string;
  readonly region: string;
  readonly instanceType: string;
  readonly gpuType: string;
  readonly gpuCount: number;
  /** Decimal text: money is never a float. */
  readonly hourlyCostUsd: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly plan: WorkloadPlan;
  /** office-hours: somebody switches it off at night and at weekends. */
  readonly power: 'always' | 'office-hours';
  readonly gpus: readonly SimulatedGpu[];
  readonly seed: number;
}

interface Offer {
  readonly cloudProvider: string;
  readonly region: string;
  readonly instanceType: string;
  readonly model: GpuModelName;
  readonly gpuCount: number;
  readonly hourlyCostUsd: string;
  readonly utcOffsetHours: number;
}

// Prices are list prices of 2026, rounded, for this simulation only; the two hosts of our own carry what they cost to run.
const OFFERS = {
  p5: offer('aws', 'us-east-1', 'p5.48xlarge', 'h100', 8, '55.04', -5),
  p5en: offer('aws', 'us-west-2', 'p5en.48xlarge', 'h200', 8, '63.30', -8),
  p4de: offer('aws', 'us-east-1', 'p4de.24xlarge', 'a100', 8, '27.45', -5),
  g6e: offer('aws', 'eu-central-1', 'g6e.48xlarge', 'l40s', 8, '30.13', 1),
  g6: offer('aws', 'eu-central-1', 'g6.12xlarge', 'l4', 4, '4.60', 1),
  a3: offer('gcp', 'us-central1', 'a3-highgpu-8g', 'h100', 8, '88.49', -6),
  g2: offer('gcp', 'europe-west4', 'g2-standard-48', 'l4', 4, '4.00', 1),
  nd: offer('azure', 'swedencentral', 'Standard_ND96isr_H100_v5', 'h100', 8, '98.32', 1),
  lambda: offer('lambda', 'us-west-1', 'gpu_8x_a100_80gb_sxm4', 'a100', 8, '14.32', -8),
  dgx: offer('on_prem', 'fra-dc2', 'dgx-h100', 'h100', 8, '16.85', 1),
} as const;

interface Group {
  readonly offer: keyof typeof OFFERS;
  readonly count: number;
  readonly workload: Workload;
  readonly team: string;
  readonly project: string;
  readonly environment: string;
  readonly power?: 'office-hours';
  /** GPUs of the first machine, by index. */
  readonly sickGpu?: number;
  readonly mig?: boolean;
}

// 40 machines, 300 GPUs. The order is the order of the machines' numbers: add at the end.
const GROUPS: readonly Group[] = [
  group('p5', 8, 'pretraining', 'foundation-models', 'atlas-70b', 'production', { sickGpu: 5 }),
  group('p5', 3, 'training', 'research', 'atlas-alignment', 'research'),
  group('p5en', 1, 'parked', 'search', 'reranker-canary', 'staging'),
  group('a3', 4, 'training', 'vision', 'scene-segmentation', 'research'),
  group('a3', 2, 'inference', 'assistants', 'chat-serving', 'production'),
  group('dgx', 2, 'training', 'research', 'protein-folding', 'research'),
  group('dgx', 1, 'development', 'platform', 'shared-notebooks', 'development', { mig: true }),
  group('dgx', 1, 'notebook', 'research', 'reading-group', 'development'),
  group('p4de', 3, 'training', 'speech', 'speech-to-text-v4', 'research'),
  group('p4de', 1, 'notebook', 'speech', 'data-cleaning', 'development'),
  group('p4de', 1, 'batch', 'search', 'embeddings-nightly', 'production'),
  group('nd', 2, 'inference', 'assistants', 'summaries-api', 'production'),
  group('nd', 1, 'training', 'vision', 'video-captions', 'research'),
  group('nd', 1, 'parked', 'assistants', 'chat-serving-old', 'production'),
  group('g6e', 2, 'inference', 'search', 'embeddings-online', 'production'),
  group('g6e', 1, 'development', 'vision', 'labelling-tools', 'development', { power: 'office-hours' }),
  group('g6', 2, 'inference', 'speech', 'transcription', 'production'),
  group('g6', 1, 'notebook', 'growth', 'experiments', 'development'),
  group('g2', 1, 'batch', 'growth', 'churn-model', 'production'),
  group('g2', 1, 'parked', 'growth', 'recommendations-beta', 'staging'),
  group('lambda', 1, 'development', 'foundation-models', 'evaluation', 'development', { power: 'office-hours' }),
];

/** The simulated fleet of this seed: the same seed, the same machines, uuids and loads. */
export function simulatedFleet(seed: number): SimulatedInstance[] {
  return GROUPS.flatMap((members, g) => Array.from({ length: members.count }, (_, i) => ({ members, g, i }))).map(
    ({ members, g, i }, number) => machine(seed, number, members, mix(seed, g, 17), i),
  );
}

/** Whether the machine is switched on in that minute when nobody interferes. */
export function isPoweredAt(instance: SimulatedInstance, minuteS: number): boolean {
  if (instance.power === 'always') return true;
  const localS = minuteS + instance.plan.utcOffsetHours * 3_600;
  const day = Math.floor(localS / 86_400);
  const hour = (localS - day * 86_400) / 3_600;
  return !isWeekend(day) && hour >= 7 && hour < 21;
}

function machine(seed: number, number: number, members: Group, groupSeed: number, place: number): SimulatedInstance {
  const chosen = OFFERS[members.offer];
  const own = mix(seed, number, 23);
  return {
    number,
    providerId: providerId(chosen.cloudProvider, own, number),
    name: `${members.project}-${String(place + 1).padStart(2, '0')}`,
    cloudProvider: chosen.cloudProvider,
    region: chosen.region,
    instanceType: chosen.instanceType,
    gpuType: GPU_MODELS[chosen.model].name,
    gpuCount: chosen.gpuCount,
    hourlyCostUsd: chosen.hourlyCostUsd,
    tags: { team: members.team, environment: members.environment, project: members.project },
    plan: { workload: members.workload, seed: groupSeed, utcOffsetHours: chosen.utcOffsetHours },
    power: members.power ?? 'always',
    gpus: gpus(own, chosen, members, place === 0),
    seed: own,
  };
}

function gpus(own: number, chosen: Offer, members: Group, isFirst: boolean): SimulatedGpu[] {
  const model = GPU_MODELS[chosen.model];
  const mig = members.mig === true;
  const found: SimulatedGpu[] = [];
  for (let index = 0; index < chosen.gpuCount; index++) {
    const seed = mix(own, index, 29);
    const uuid = `GPU-${uuidOf(seed)}`;
    const gpu = {
      kind: 'gpu' as const,
      uuid,
      gpuIndex: index,
      parentUuid: null,
      model,
      seed,
      memoryTotalMib: model.memoryTotalMib,
      migEnabled: mig,
      sick: isFirst && members.sickGpu === index,
    };
    found.push(gpu);
    // two slices of 40 GB on each GPU of the shared host
    for (let slice = 0; mig && slice < 2; slice++) {
      const sliceSeed = mix(seed, slice, 31);
      found.push({
        ...gpu,
        kind: 'mig',
        uuid: `MIG-${uuidOf(sliceSeed)}`,
        gpuIndex: null,
        parentUuid: uuid,
        seed: sliceSeed,
        memoryTotalMib: 40_448,
      });
    }
  }
  return found;
}

function providerId(cloudProvider: string, own: number, number: number): string {
  const hex = mix(own, 41).toString(16).padStart(8, '0') + mix(own, 43).toString(16).padStart(8, '0');
  switch (cloudProvider) {
    case 'aws':
      return `i-0${hex}`;
    case 'gcp':
      return `${4 + Math.floor(unit(own, 47) * 5)}${String(mix(own, 53)).padStart(10, '0')}${String(number).padStart(8, '0')}`;
    case 'azure':
      return `vm-demo-${hex}`;
    case 'on_prem':
      return `fra-dc2-r${1 + Math.floor(number / 4)}-n${number}`;
    default:
      return hex;
  }
}

function uuidOf(seed: number): string {
  const hex = [1, 2, 3, 4].map((part) => mix(seed, part, 37).toString(16).padStart(8, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function offer(
  cloudProvider: string,
  region: string,
  instanceType: string,
  model: GpuModelName,
  gpuCount: number,
  hourlyCostUsd: string,
  utcOffsetHours: number,
): Offer {
  return { cloudProvider, region, instanceType, model, gpuCount, hourlyCostUsd, utcOffsetHours };
}

function group(
  chosen: keyof typeof OFFERS,
  count: number,
  workload: Workload,
  team: string,
  project: string,
  environment: string,
  more: Partial<Pick<Group, 'power' | 'sickGpu' | 'mig'>> = {},
): Group {
  return { offer: chosen, count, workload, team, project, environment, ...more };
}
