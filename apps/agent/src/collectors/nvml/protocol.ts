import type { GpuSignals, Reading } from '../collector.js';
import type { GpuDetail, GpuFacts, GpuInventory, MigDetail } from '../gpu/shape.js';

/**
 * What the process that calls NVML says to the agent: one JSON document a line, on file descriptor 3. Nothing else is ever
 * written there; the driver's library may print what it likes on the other two.
 *
 * The other way, on the child's standard input, there are two words: `interval <milliseconds>`, and `detail` for a slow
 * reading with the next round. Its end means that the agent is gone.
 */
export type FromChild =
  | {
      readonly t: 'ready';
      readonly driverVersion?: string;
      readonly nvmlVersion?: string;
      readonly cudaVersion?: string;
      /** GPUs that the driver counts, and those of them that it cannot even name. */
      readonly gpus: number;
      readonly nameless: number;
      /** Functions that this driver's library does not have. */
      readonly lacks: readonly string[];
    }
  /** NVML cannot be used (any more); the process ends after it. */
  | { readonly t: 'failed'; readonly reason: FailedReason; readonly code: number; readonly words: string }
  | {
      readonly t: 'round';
      readonly atMs: number;
      readonly gpus: readonly WireReading[];
      readonly mig: readonly WireMig[];
    }
  | { readonly t: 'detail'; readonly inventory: WireInventory }
  | {
      readonly t: 'xid';
      readonly code: number;
      readonly uuid: string;
      readonly busId: string;
      readonly gpuInstance?: number;
      readonly computeInstance?: number;
    }
  /** The driver says that something happened that has no Xid: `ecc_double_bit`, `gpu_unavailable`, … */
  | { readonly t: 'event'; readonly kind: string; readonly uuid: string };

/** library: not there; koffi: its module is not there; init: NVML refuses; session: it worked and does not any more; renew: asked for. */
export type FailedReason = 'koffi' | 'library' | 'init' | 'session' | 'renew';

/** Values by catalogue id, as pairs: half the size of an object with quoted keys to parse. */
export type WireValues = readonly (readonly [number, Reading])[];

export interface WireReading {
  readonly uuid: string;
  /** Only in the first round, and when they changed. */
  readonly facts?: GpuFacts;
  readonly values: WireValues;
  readonly counters: WireValues;
  readonly signals: GpuSignals;
}

export interface WireMig {
  readonly uuid: string;
  readonly values: WireValues;
}

export type WireInventory = Omit<GpuInventory, 'gpus'> & { readonly gpus: readonly WireDetail[] };
export type WireDetail = Omit<GpuDetail, 'values' | 'mig'> & {
  readonly values: WireValues;
  readonly mig: readonly (Omit<MigDetail, 'values'> & { readonly values: WireValues })[];
};

/** No host's inventory is larger: 16 GPUs with 7 instances and a thousand processes each come to 3 MB. */
const MAX_FRAME = 16 * 1024 * 1024;

export class FrameError extends Error {}

/** Cuts what comes from the child into messages. */
export class FrameReader {
  private rest = '';

  /** @throws FrameError for what no child of ours says: the process is to be ended */
  push(chunk: string): FromChild[] {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop() as string;
    if (this.rest.length > MAX_FRAME) throw new FrameError('a message without an end');
    return lines.map((line) => {
      try {
        return JSON.parse(line) as FromChild;
      } catch {
        throw new FrameError(`a message that cannot be read: ${line.slice(0, 80)}`);
      }
    });
  }
}

export const frame = (message: FromChild): string => `${JSON.stringify(message)}\n`;
