import { METRIC_CATALOGUE, metricId } from '@flotilla/domain';
import type { MetricName } from '@flotilla/domain';
import type { Paint } from '../paint.js';
import { labelled, plain } from '../paint.js';
import type { Check } from '../checks/check.js';
import type { ScanFacts, ScannedDevice } from './facts.js';
import { throttleWords } from './throttle.js';

const INDENT = 12;
const MOST_PROCESSES = 10;
const MOST_UNREAD = 12;
const CHECK_INDENT = 6;

/** One screen about a host, as a doctor would fill it in: vital signs of every GPU first, then what is not well. */
export function sheet(facts: ScanFacts, paint: Paint, width: number): string[] {
  const gpus = facts.devices.filter(({ kind }) => kind === 'gpu');
  const lines = [...head(facts, gpus, paint, width), ''];
  if (gpus.length > 0) lines.push(...table(facts, gpus, paint), '');
  lines.push(...findings(facts, gpus, paint, width));
  lines.push(...migLines(facts, width));
  lines.push(...processLines(facts, width));
  lines.push(...unread(facts, gpus, width));
  lines.push(...checkLines(facts, paint, width));
  return lines;
}

/** A GPU that is unhealthy or gone, or nothing that reads them. */
export const isTrouble = ({ devices, collectors }: ScanFacts): boolean =>
  devices.some(({ kind, presence, health }) => kind === 'gpu' && (presence === 'missing' || health === 'unhealthy')) ||
  collectors.some(({ name, state }) => (name === 'nvidia-smi' || name === 'nvml') && state === 'failed');

const section = (title: string, text: string, width: number): string[] => labelled(title, text, width, INDENT);

function head(facts: ScanFacts, gpus: readonly ScannedDevice[], paint: Paint, width: number): string[] {
  const { instance } = facts;
  const days = Math.floor(facts.uptimeS / 86_400);
  const up = days > 0 ? `${days} days` : `${Math.floor(facts.uptimeS / 3_600)} h`;
  const who = ['cloud_provider', 'instance_type', 'region', 'instance_id'].map((key) => instance[key]).filter(Boolean);
  const drivers = [...new Set(gpus.map(({ driverVersion }) => driverVersion).filter(Boolean))].join(', ');
  const mig = gpus.filter(({ migEnabled }) => migEnabled).length;
  const missing = gpus.filter(({ presence }) => presence === 'missing').length;
  const count = `${gpus.length} GPU${gpus.length === 1 ? '' : 's'}`;
  const also = [mig > 0 ? `${mig} in MIG mode` : '', missing > 0 ? `${missing} missing` : ''].filter(Boolean);
  return [
    paint.strong(plain(facts.hostname)) +
      paint.faint(`   ${facts.at.toISOString().slice(0, 16).replace('T', ' ')} UTC   flotilla-agent ${facts.version}`),
    ...section('host', `${facts.os}, ${facts.kernel}, up ${up}`, width),
    ...section('machine', who.map(String).join(', ') || 'not known', width),
    ...section(
      'driver',
      gpus.length === 0 ? 'no GPU was found' : [drivers || 'version not known', count, ...also].join(', '),
      width,
    ),
  ];
}

function table(facts: ScanFacts, gpus: readonly ScannedDevice[], paint: Paint): string[] {
  const rows = gpus.map((gpu) => {
    const value = valuesOf(facts, gpu.uuid);
    return [
      gpu.index === undefined ? '-' : String(gpu.index),
      plain(gpu.model ?? 'unknown')
        .replace(/^NVIDIA /, '')
        .slice(0, 22),
      verdictOf(gpu),
      pair(value, 'gpu_utilization', null, '%'),
      pair(value, 'memory_used_mib', 'memory_total_mib'),
      pair(value, 'temperature', 'memory_temperature'),
      pair(value, 'power_draw', 'power_limit'),
      pair(value, 'sm_clock', null),
      pair(value, 'ecc_errors_corrected', 'ecc_errors_uncorrected'),
      pair(value, 'remapped_rows_correctable', 'remapped_rows_uncorrectable'),
      pair(value, 'pcie_generation', 'pcie_width', '', 'x'),
    ];
  });
  const heads = ['', 'model', 'health', 'use', 'MiB', '°C gpu/mem', 'W', 'MHz', 'ECC c/u', 'rows', 'PCIe'];
  const widths = heads.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)));
  const text = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === 1 || at === 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  return [
    paint.faint(text(heads)),
    ...rows.map((row) => {
      const verdict = (row[2] ?? '').padEnd(widths[2] ?? 0);
      return text(row).replace(verdict, paintOf(row[2] ?? '', paint)(verdict));
    }),
  ];
}

function findings(facts: ScanFacts, gpus: readonly ScannedDevice[], paint: Paint, width: number): string[] {
  const lines: string[] = [];
  for (const gpu of gpus) {
    const title = `GPU ${gpu.index ?? gpu.uuid}`;
    const value = valuesOf(facts, gpu.uuid);
    const verdict = verdictOf(gpu);
    if (verdict !== 'healthy') {
      const reason =
        gpu.healthReason || (verdict === 'missing' ? 'known before, and not listed by the driver any more.' : '');
      const [first = '', ...rest] = section(title, `${verdict.toUpperCase()} ${reason}`, width);
      lines.push(first.replace(verdict.toUpperCase(), paintOf(verdict, paint)(verdict.toUpperCase())), ...rest);
      if (gpu.healthEvidence) lines.push(...section('', `evidence: ${gpu.healthEvidence}`, width));
      if (gpu.advisedAction && gpu.advisedAction !== 'none') {
        lines.push(...section('', `advice: ${gpu.advisedAction.replaceAll('_', ' ')}`, width));
      }
    }
    const throttled = throttleWords(value('throttle_reasons'));
    if (throttled.length > 0) lines.push(...section(title, `clocks held back: ${throttled.join(', ')}`, width));
    const notes = [
      [value('remapped_rows_pending') === 1, 'memory rows wait to be remapped at the next reset'],
      [value('remapped_rows_failure') === 1, 'remapping of a memory row failed'],
      [value('retired_pages_pending') === 1, 'memory pages wait to be retired at the next reset'],
      [(value('pcie_replays') ?? 0) > 1_000, `${value('pcie_replays')} PCIe replays`],
      [(value('nvlink_recovery_errors') ?? 0) > 0, `${value('nvlink_recovery_errors')} NVLink recoveries`],
    ] as const;
    const said: string[] = notes.filter(([isSo]) => isSo).map(([, note]) => note);
    const down = (gpu.nvlinks ?? []).filter(({ active }) => !active).map(({ index }) => index);
    if (down.length > 0) said.push(`NVLink ${down.join(', ')} inactive`);
    if (said.length > 0) lines.push(...section(title, said.join('; '), width));
  }
  for (const { name, state, message } of facts.collectors) {
    if (state === 'ok' || name === 'kernel-log') continue;
    lines.push(...section(name, `${state}: ${message}`, width));
  }
  return lines.length > 0 ? [...lines, ''] : lines;
}

function migLines(facts: ScanFacts, width: number): string[] {
  const instances = facts.devices.filter(({ kind, presence }) => kind === 'mig' && presence === 'present');
  const gpus = [...new Set(instances.map(({ parentUuid }) => parentUuid))];
  return gpus.flatMap((uuid) => {
    const parent = facts.devices.find((device) => device.uuid === uuid);
    const of = instances
      .filter(({ parentUuid }) => parentUuid === uuid)
      .map((mig) => {
        const used = valuesOf(facts, mig.uuid)('memory_used_mib');
        return `${mig.migProfile ?? 'instance'} (${mig.gpuInstanceId ?? '?'})${used === undefined ? '' : ` ${used} MiB used`}`;
      });
    return section(`MIG of ${parent?.index ?? '?'}`, of.join(', '), width);
  });
}

function processLines({ processes, devices }: ScanFacts, width: number): string[] {
  if (processes === null) return [];
  if (processes.length === 0) return section('processes', 'none on any GPU', width);
  const indexOf = (uuid: string) => {
    const device = devices.find((known) => known.uuid === uuid);
    return device?.index ?? devices.find((known) => known.uuid === device?.parentUuid)?.index ?? '?';
  };
  const lines = processes.slice(0, MOST_PROCESSES).flatMap((process, at) => {
    const where = [
      process.podName === undefined ? '' : `pod ${process.podNamespace ?? '?'}/${process.podName}`,
      process.slurmJobId === undefined ? '' : `Slurm job ${process.slurmJobId}`,
      process.podName === undefined && process.containerName !== undefined ? `container ${process.containerName}` : '',
    ].filter(Boolean);
    const memory = process.usedMemoryMib === undefined ? 'memory not known' : `${process.usedMemoryMib} MiB`;
    const text = `GPU ${indexOf(process.device)}: ${process.pid} ${process.name}, ${[process.user ?? 'user not known', memory, ...where].join(', ')}`;
    return section(at === 0 ? 'processes' : '', text, width);
  });
  const more = processes.length - MOST_PROCESSES;
  return more > 0 ? [...lines, ...section('', `and ${more} more (--json has all)`, width)] : lines;
}

/** What the driver does not have, does not let us read, or should have had: by reason, and for which GPUs. */
function unread(facts: ScanFacts, gpus: readonly ScannedDevice[], width: number): string[] {
  const groups = new Map<string, { reason: string; of: string; names: string[] }>();
  for (const { name, id } of METRIC_CATALOGUE) {
    for (const reason of ['unsupported', 'forbidden', 'fault'] as const) {
      const without = gpus.filter(({ uuid }) => facts.values.get(uuid)?.get(id) === reason);
      if (without.length === 0) continue;
      const of = without.length === gpus.length ? '' : `GPU ${without.map(({ index }) => index ?? '?').join(', ')}: `;
      const group = groups.get(reason + of) ?? { reason, of, names: [] };
      group.names.push(name);
      groups.set(reason + of, group);
    }
  }
  return [...groups.values()].flatMap(({ reason, of, names }) => {
    const more = names.length - MOST_UNREAD;
    const list = `${names.slice(0, MOST_UNREAD).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    return section(reason, of + list, width);
  });
}

export function checkLines({ checks }: { readonly checks: readonly Check[] }, paint: Paint, width: number): string[] {
  const colour = { ok: paint.good, warn: paint.doubtful, fail: paint.bad };
  return checks.flatMap(({ name, state, message, mend }) => {
    const text = `${message}${mend === undefined ? '' : ` Mend: ${mend}${/[.?!]$/.test(mend) ? '' : '.'}`}`;
    const [first = '', ...rest] = labelled(name, text, width - CHECK_INDENT, 15);
    return [`${colour[state](state.padEnd(4))}  ${first}`, ...rest.map((line) => ' '.repeat(CHECK_INDENT) + line)];
  });
}

const verdictOf = ({ presence, health }: ScannedDevice): string =>
  presence === 'missing' ? 'missing' : (health ?? 'unknown');

const paintOf = (verdict: string, paint: Paint) =>
  verdict === 'healthy' ? paint.good : verdict === 'degraded' || verdict === 'unknown' ? paint.doubtful : paint.bad;

type Value = (name: MetricName) => number | undefined;

function valuesOf({ values }: ScanFacts, uuid: string): Value {
  const known = values.get(uuid);
  return (name) => {
    const reading = known?.get(metricId(name));
    return typeof reading === 'number' ? reading : undefined;
  };
}

/** `412/700`; a dash for what is not there, never 0. */
function pair(value: Value, first: MetricName, second: MetricName | null, unit = '', between = '/'): string {
  const text = (name: MetricName) => {
    const found = value(name);
    return found === undefined ? '-' : `${Math.round(found)}${unit}`;
  };
  return second === null
    ? text(first)
    : value(second) === undefined
      ? text(first)
      : `${text(first)}${between}${text(second)}`;
}
