import { XMLParser } from 'fast-xml-parser';
import { numberOf, readCell, wordOf } from './cells.js';

export interface SnapshotProcess {
  readonly pid: number;
  readonly type: 'C' | 'G' | 'C+G' | '';
  readonly name: string;
  readonly usedMemoryMib?: number;
  readonly gpuInstance?: number;
  readonly computeInstance?: number;
}

export interface SnapshotMig {
  readonly index: number;
  readonly gpuInstance: number;
  readonly computeInstance: number;
  /** Only where the document has it; `nvidia-smi -L` tells otherwise. */
  readonly uuid?: string;
  readonly memoryTotalMib?: number;
  readonly memoryUsedMib?: number;
}

export interface SnapshotGpu {
  readonly uuid: string;
  readonly busId: string;
  readonly model?: string;
  readonly serial?: string;
  readonly memoryTotalMib?: number;
  readonly migEnabled?: boolean;
  readonly eccEnabled?: boolean;
  readonly pcieRxKbps?: number;
  readonly pcieTxKbps?: number;
  readonly mig: readonly SnapshotMig[];
  /** Null: the driver does not let us see them. */
  readonly processes: readonly SnapshotProcess[] | null;
}

export interface Snapshot {
  readonly driverVersion?: string;
  /** What the driver counts, which may be more than it lists. */
  readonly attachedGpus?: number;
  readonly gpus: readonly SnapshotGpu[];
}

/** A document that is no whole answer. */
export class SnapshotError extends Error {}

/** The largest honest document: 16 GPUs × 120 kB, eight times over. */
export const MAX_SNAPSHOT_BYTES = 16 * 1024 * 1024;

type Node = { readonly [tag: string]: unknown };

const parser = new XMLParser({
  parseTagValue: false,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  // No entity of the document's own is ever expanded; the five of XML are put back by `text`.
  processEntities: false,
  isArray: (name) => name === 'gpu' || name === 'mig_device' || name === 'process_info',
});

/**
 * Reads `nvidia-smi -q -x` of any driver from 390 to 595. Tags are chosen by name and never by the DTD's version, since
 * v12 exists with the old and with the new tags.
 *
 * @throws SnapshotError for a document that is cut off, is not nvidia-smi's, or defines entities
 */
export function parseSnapshot(xml: string): Snapshot {
  if (xml.length > MAX_SNAPSHOT_BYTES) throw new SnapshotError('The document is larger than any host could make it.');
  const start = xml.indexOf('<nvidia_smi_log');
  const end = xml.lastIndexOf('</nvidia_smi_log>');
  if (start < 0) throw new SnapshotError('The answer is no nvidia_smi_log document.');
  if (end < start) throw new SnapshotError('The document is cut off before its end.');
  if (xml.includes('<!ENTITY')) throw new SnapshotError('The document defines entities, which nvidia-smi never does.');
  // Warnings may stand before and after. supported_clocks is up to nine tenths of the text and nobody reads it.
  const body = xml
    .slice(start, end + '</nvidia_smi_log>'.length)
    .replace(/<supported_clocks>[^]*?<\/supported_clocks>/g, '');
  let log: unknown;
  try {
    log = (parser.parse(body) as Node)['nvidia_smi_log'];
  } catch (error) {
    throw new SnapshotError(`The document cannot be parsed: ${error instanceof Error ? error.message : String(error)}`);
  }
  const root = node(log);
  if (count(body, '<gpu ') !== count(body, '</gpu>')) throw new SnapshotError('The document is cut off inside a GPU.');
  const driverVersion = word(root['driver_version']);
  const attachedGpus = mib(root['attached_gpus'], '');
  return {
    ...(driverVersion === undefined ? {} : { driverVersion }),
    ...(attachedGpus === undefined ? {} : { attachedGpus }),
    gpus: list(root['gpu']).flatMap(readGpu),
  };
}

function readGpu(gpu: Node): SnapshotGpu[] {
  const uuid = word(gpu['uuid']);
  if (uuid === undefined) return [];
  const memory = node(gpu['fb_memory_usage']);
  const pci = node(gpu['pci']);
  const mode = word(node(gpu['mig_mode'])['current_mig']);
  const ecc = word(node(gpu['ecc_mode'])['current_ecc']);
  return [
    compact({
      uuid,
      busId: word(gpu['@id']) ?? word(pci['pci_bus_id']) ?? '',
      model: word(gpu['product_name'], true),
      serial: word(gpu['serial']),
      memoryTotalMib: mib(memory['total']),
      migEnabled: mode === undefined ? undefined : mode === 'Enabled',
      eccEnabled: ecc === undefined ? undefined : ecc === 'Enabled',
      pcieRxKbps: mib(pci['rx_util'], 'KB/s'),
      pcieTxKbps: mib(pci['tx_util'], 'KB/s'),
      mig: list(node(gpu['mig_devices'])['mig_device']).flatMap(readMig),
      processes: readProcesses(gpu['processes']),
    }),
  ];
}

function readMig(device: Node): SnapshotMig[] {
  const index = mib(device['index'], '');
  const gpuInstance = mib(device['gpu_instance_id'], '');
  const computeInstance = mib(device['compute_instance_id'], '');
  if (index === undefined || gpuInstance === undefined || computeInstance === undefined) return [];
  const memory = node(device['fb_memory_usage']);
  return [
    compact({
      index,
      gpuInstance,
      computeInstance,
      uuid: word(device['uuid']),
      memoryTotalMib: mib(memory['total']),
      memoryUsedMib: mib(memory['used']),
    }),
  ];
}

function readProcesses(value: unknown): SnapshotProcess[] | null {
  const words = typeof value === 'string' ? readCell(value) : null;
  if (words?.kind === 'absent' && words.spelling !== '') return null;
  return list(node(value)['process_info']).flatMap((info) => {
    const pid = mib(info['pid'], '');
    if (pid === undefined) return [];
    const type = word(info['type'], true) ?? '';
    return [
      compact({
        pid,
        type: type === 'C' || type === 'G' || type === 'C+G' ? type : ('' as const),
        name: word(info['process_name']) ?? '',
        usedMemoryMib: mib(info['used_memory']),
        gpuInstance: mib(info['gpu_instance_id'], ''),
        computeInstance: mib(info['compute_instance_id'], ''),
      }),
    ];
  });
}

const node = (value: unknown): Node => (typeof value === 'object' && value !== null ? (value as Node) : {});
const list = (value: unknown): Node[] => (Array.isArray(value) ? value.map(node) : []);
const count = (text: string, part: string) => text.split(part).length - 1;

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const text = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] as string)
    : undefined;

/** The text of a tag, or undefined where the driver has none; `asIs`: a name that is never interpreted. */
function word(value: unknown, asIs = false): string | undefined {
  const raw = text(value)?.trim();
  if (raw === undefined || raw === '') return undefined;
  return asIs ? raw : readCell(raw).kind === 'number' ? raw : wordOf(readCell(raw));
}

function mib(value: unknown, unit = 'MiB'): number | undefined {
  const raw = text(value);
  const reading = raw === undefined ? undefined : numberOf(readCell(raw), unit);
  return typeof reading === 'number' ? reading : undefined;
}

/** Leaves out what is undefined: an absent key, not a key without a value. */
function compact<T extends object>(facts: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(facts).filter(([, v]) => v !== undefined)) as never;
}
