import type { GpuInventory } from '../gpu/shape.js';
import { readGpu } from './snapshot-gpu.js';
import { list, node, number, word } from './xml-node.js';
import { xmlTree } from './xml-tree.js';

/** A document that is no whole answer. */
export class SnapshotError extends Error {}

/** The largest honest document: 16 GPUs × 120 kB, eight times over. */
export const MAX_SNAPSHOT_BYTES = 16 * 1024 * 1024;

const LISTS = new Set(['gpu', 'mig_device', 'process_info']);
/** Up to nine tenths of the text, and nobody reads it. */
const UNREAD = new Set(['supported_clocks']);

/**
 * Reads `nvidia-smi -q -x` of any driver from 390 to 595. Tags are chosen by name and never by the DTD's version, since
 * v12 exists with the old and with the new tags.
 *
 * @throws SnapshotError for a document that is cut off, is not nvidia-smi's, or defines entities
 */
export function parseSnapshot(xml: string): GpuInventory {
  if (xml.length > MAX_SNAPSHOT_BYTES) throw new SnapshotError('The document is larger than any host could make it.');
  const start = xml.indexOf('<nvidia_smi_log');
  const end = xml.lastIndexOf('</nvidia_smi_log>');
  if (start < 0) throw new SnapshotError('The answer is no nvidia_smi_log document.');
  if (end < start) throw new SnapshotError('The document is cut off before its end.');
  if (xml.includes('<!ENTITY')) throw new SnapshotError('The document defines entities, which nvidia-smi never does.');
  // warnings may stand before and after
  const body = xml.slice(start, end + '</nvidia_smi_log>'.length);
  let log: unknown;
  try {
    log = xmlTree(body, LISTS, UNREAD)['nvidia_smi_log'];
  } catch (error) {
    throw new SnapshotError(`The document cannot be parsed: ${error instanceof Error ? error.message : String(error)}`);
  }
  const root = node(log);
  if (count(body, '<gpu ') !== count(body, '</gpu>')) throw new SnapshotError('The document is cut off inside a GPU.');
  const driverVersion = word(root['driver_version']);
  const attachedGpus = number(root['attached_gpus']);
  const cudaVersion = word(root['cuda_version']);
  return {
    ...(driverVersion === undefined ? {} : { driverVersion }),
    ...(attachedGpus === undefined ? {} : { attachedGpus }),
    gpus: list(root['gpu']).flatMap((gpu) => readGpu(gpu, cudaVersion)),
  };
}

const count = (text: string, part: string) => text.split(part).length - 1;
