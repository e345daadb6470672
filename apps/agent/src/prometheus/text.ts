import { metricId } from '@flotilla/domain';
import type { DeviceFacts } from '../collectors/collector.js';
import { EXPOSED } from './names.js';
import type { Readings } from './readings.js';

/** What else is told beside the GPUs. */
export interface AgentFacts {
  readonly hostname: string;
  readonly version: string;
  readonly connected: boolean;
  readonly collectors: readonly { readonly name: string; readonly state: string }[];
}

const HEALTH = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const;

/** Text format 0.0.4. What is not known has no line; a metric that nobody has has not even a head. */
export function metricsText(readings: Readings, agent: AgentFacts): string {
  const lines: string[] = [];
  const devices = readings
    .present()
    .map((device) => ({ device, labels: deviceLabels(device, readings, agent.hostname) }));
  const family = (name: string, type: string, help: string, samples: readonly string[]) => {
    if (samples.length > 0) lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples);
  };
  for (const { of, name, type, help, factor } of EXPOSED) {
    const metric = metricId(of);
    family(
      name,
      type,
      help,
      devices.flatMap(({ device, labels }) => {
        const value = readings.valueOf(device.uuid, metric);
        return value === undefined
          ? []
          : [`${name}{${labels}} ${number(factor === undefined ? value : value * factor)}`];
      }),
    );
  }
  family(
    'DCGM_FI_DEV_XID_ERRORS',
    'gauge',
    'Value of the last XID error encountered.',
    devices.flatMap(({ device, labels }) => {
      const xid = readings.lastXid(device.uuid);
      return xid === undefined ? [] : [`DCGM_FI_DEV_XID_ERRORS{${labels}} ${xid}`];
    }),
  );
  family(
    'flotilla_gpu_health',
    'gauge',
    'Verdict on the GPU: 1 for the state that it has, 0 for the others.',
    devices.flatMap(({ device, labels }) =>
      device.health === undefined
        ? []
        : HEALTH.map((state) => `flotilla_gpu_health{${labels},state="${state}"} ${device.health === state ? 1 : 0}`),
    ),
  );
  family('flotilla_agent_info', 'gauge', 'The agent that answers.', [
    `flotilla_agent_info{${labelText({ version: agent.version, Hostname: agent.hostname })}} 1`,
  ]);
  family('flotilla_agent_connected', 'gauge', 'Whether the control plane is reached.', [
    `flotilla_agent_connected ${agent.connected ? 1 : 0}`,
  ]);
  family(
    'flotilla_agent_collector_up',
    'gauge',
    'Whether a collector reads everything that it should.',
    agent.collectors.map(
      ({ name, state }) =>
        `flotilla_agent_collector_up{${labelText({ collector: name, state })}} ${state === 'ok' ? 1 : 0}`,
    ),
  );
  return `${lines.join('\n')}\n`;
}

/** The labels of dcgm-exporter, in its order. An instance carries its GPU's uuid, and GPU_I_* tell it apart. */
function deviceLabels(device: DeviceFacts, readings: Readings, hostname: string): string {
  const gpu = device.kind === 'mig' ? readings.present().find(({ uuid }) => uuid === device.parentUuid) : device;
  const index = gpu?.index;
  return labelText({
    gpu: index === undefined ? undefined : String(index),
    UUID: gpu?.uuid ?? device.parentUuid ?? device.uuid,
    pci_bus_id: gpu?.pciBusId,
    device: index === undefined ? undefined : `nvidia${index}`,
    modelName: gpu?.model ?? device.model,
    GPU_I_PROFILE: device.migProfile,
    GPU_I_ID: device.gpuInstanceId === undefined ? undefined : String(device.gpuInstanceId),
    Hostname: hostname,
    DCGM_FI_DRIVER_VERSION: gpu?.driverVersion ?? device.driverVersion,
    ...readings.userOf(device.uuid),
  });
}

const labelText = (labels: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(labels)
    .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '')
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');

/** Names come from drivers, containers and tags: they must not break the line that they stand in. */
const escaped = (value: string): string =>
  Buffer.from(value.slice(0, 256))
    .toString()

    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replace(/\r?\n|\r/g, '\\n');

/** Without the noise of a binary fraction times a factor (0.01 × 57 is 0.5700000000000001). */
const number = (value: number): string => String(Number(value.toPrecision(12)));
