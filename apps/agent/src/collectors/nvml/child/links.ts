import { metricId } from '@flotilla/domain';
import type { NvLinkFacts, Reading } from '../../collector.js';
import { FieldBatch, type FieldAsked, type FieldName } from './fields.js';
import { busIdFrom } from './identity.js';
import type { Handle, NvmlLibrary } from './library.js';
import { absenceOf, NVML } from './return-codes.js';

/** Blackwell has 18; room for what comes. */
const MAX_LINKS = 36;
const out = Buffer.alloc(96);

export interface Links {
  readonly nvlinks: readonly NvLinkFacts[];
  /** Active links and error counts; unsupported on boards without links. */
  readonly values: Map<number, Reading>;
}

/** The links of a GPU and their errors. On a GPU in MIG mode the driver refuses all of it. */
export function linksOf(nvml: NvmlLibrary, device: Handle): Links {
  const nvlinks: NvLinkFacts[] = [];
  let refused = NVML.success as number;
  for (let index = 0; index < MAX_LINKS; index++) {
    const code = nvml.call('nvmlDeviceGetNvLinkState', device, index, out.fill(0, 0, 8));
    if (code !== NVML.success) {
      if (index === 0) refused = code;
      break;
    }
    nvlinks.push(linkAt(nvml, device, index, out.readUInt32LE(0) === 1));
  }
  const values = new Map<number, Reading>();
  const active = nvlinks.filter((link) => link.active).map((link) => link.index);
  values.set(
    metricId('nvlink_active_links'),
    nvlinks.length > 0 ? active.length : absenceOf(refused || NVML.notSupported),
  );
  values.set(
    metricId('nvlink_crc_errors'),
    errorsOf(nvml, device, active, ['nvlinkCrcFlitErrors', 'nvlinkCrcDataErrors'], 'nvlinkErrorCrc'),
  );
  values.set(
    metricId('nvlink_replay_errors'),
    errorsOf(nvml, device, active, ['nvlinkReplayErrors'], 'nvlinkErrorReplay'),
  );
  values.set(
    metricId('nvlink_recovery_errors'),
    errorsOf(nvml, device, active, ['nvlinkRecoveryErrors'], 'nvlinkErrorRecovery'),
  );
  return { nvlinks, values };
}

/** NVML's link versions are numbered; the words are nvidia-smi's. */
const VERSIONS: Readonly<Record<number, string>> = {
  1: '1.0',
  2: '2.0',
  3: '2.2',
  4: '3.0',
  5: '3.1',
  6: '4.0',
  7: '5.0',
  8: '6.0',
};

function linkAt(nvml: NvmlLibrary, device: Handle, index: number, active: boolean): NvLinkFacts {
  if (!active) return { index, active };
  const version = nvml.uint('nvmlDeviceGetNvLinkVersion', device, index);
  const [speed] = new FieldBatch([{ field: 'nvlinkSpeed', scope: index }]).read(nvml, device);
  out.fill(0);
  const remote =
    nvml.call('nvmlDeviceGetNvLinkRemotePciInfo', device, index, out) === NVML.success ? busIdFrom(out) : undefined;
  const words = version === null ? undefined : VERSIONS[version];
  return {
    index,
    active,
    // megabytes per second
    ...(speed?.code === NVML.success ? { speedGbps: speed.value / 1000 } : {}),
    ...(words === undefined ? {} : { version: words }),
    ...(remote === undefined ? {} : { remoteBusId: remote }),
  };
}

/** The sum over all links: by the fields that are totals, or by one field per link on boards that have only that (Hopper on). */
function errorsOf(
  nvml: NvmlLibrary,
  device: Handle,
  links: readonly number[],
  totals: readonly FieldName[],
  perLink: FieldName,
): Reading {
  const sum = sumOf(
    nvml,
    device,
    totals.map((field) => ({ field, scope: 0 })),
  );
  if (typeof sum === 'number' || links.length === 0) return sum;
  return sumOf(
    nvml,
    device,
    links.map((scope) => ({ field: perLink, scope })),
  );
}

function sumOf(nvml: NvmlLibrary, device: Handle, asked: readonly FieldAsked[]): Reading {
  let sum = 0;
  for (const { code, value } of new FieldBatch(asked).read(nvml, device)) {
    if (code !== NVML.success) return absenceOf(code);
    sum += value;
  }
  return sum;
}
