import type { AdvisedAction, FaultClass, HealthVerdict } from './words.js';
import { XID_TABLE } from './xid-table.js';

/** An error code of the NVIDIA driver and what it means for the GPU that reports it. */
export interface XidEntry {
  readonly code: number;
  /** NVIDIA's own name of the code, or of its family. */
  readonly name: string;
  readonly class: FaultClass;
  /** What the code makes of the GPU: `healthy` for codes that only make an episode. */
  readonly verdict: Exclude<HealthVerdict, 'unknown'>;
  readonly action: AdvisedAction;
  /** One sentence for a person, without a full stop. */
  readonly sentence: string;
}

/**
 * Where codes, names and actions come from: NVIDIA's catalogue for Ampere and newer GPUs (its "immediate action"), for the
 * codes that only older GPUs have its list of Xid errors up to release 555, and nverror.h of the open kernel modules for
 * the names. The classes and the sentences are ours.
 */
export const XID_SOURCES = [
  'https://docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html',
  'https://docs.nvidia.com/deploy/xid-errors/index.html',
  'https://github.com/NVIDIA/open-gpu-kernel-modules/blob/main/src/common/sdk/nvidia/inc/nverror.h',
] as const;

export const XID_CATALOGUE: ReadonlyMap<number, XidEntry> = new Map(
  XID_TABLE.flatMap(([codes, name, faultClass, verdict, action, sentence]) =>
    [codes]
      .flat()
      .map((code, at): [number, XidEntry] => [
        code,
        { code, name: name.replace('#', String(at)), class: faultClass, verdict, action, sentence },
      ]),
  ),
);

/** The entry of a code; one that NVIDIA never documented degrades the GPU, because nobody can say that it is harmless. */
export function xidEntry(code: number): XidEntry {
  return (
    XID_CATALOGUE.get(code) ?? {
      code,
      name: `XID_${code}`,
      class: 'unknown',
      verdict: 'degraded',
      action: 'drain',
      sentence: 'the driver reports a code that is not in the catalogue: read its line in the kernel log',
    }
  );
}

/** Severity of the event that tells a person of it. */
export function xidSeverity(entry: Pick<XidEntry, 'verdict' | 'class'>): 'low' | 'medium' | 'high' | 'critical' {
  if (entry.verdict === 'unhealthy') return 'critical';
  if (entry.verdict === 'degraded') return 'high';
  return entry.class === 'info' ? 'low' : 'medium';
}
