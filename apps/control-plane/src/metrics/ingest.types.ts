import type { DeviceMinute } from '@flotilla/domain';

/** One closed minute of one device; `deviceId` is flotilla.devices.id, resolved by the caller (DeviceRegistry). */
export interface MinuteOfDevice {
  readonly deviceId: number;
  readonly minute: DeviceMinute;
  /** The spool entry that held it. With it, the part of a batch that was stored before is skipped without a look. */
  readonly seq?: number | undefined;
}

/** Consecutive entries of one agent's spool. Entries without a minute (events, records) only use up numbers. */
export interface MinuteBatch {
  readonly tenantId: string;
  readonly agentId: string;
  readonly walEpoch: bigint;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly minutes: readonly MinuteOfDevice[];
  /** Values that the caller could not read at all (bad lengths, unknown device): kept in the quarantine. */
  readonly unreadable?: readonly UnreadableEntry[] | undefined;
  /** The oldest number that the agent still has. A batch that begins there may leave a gap behind it. */
  readonly spoolOldestSeq?: number | undefined;
}

export interface UnreadableEntry {
  readonly seq: number;
  readonly reason: string;
  /** What came, for a person to look at; cut at 4 KiB. */
  readonly payload?: Uint8Array | undefined;
}

export interface RejectedMinute {
  readonly seq: number | null;
  readonly deviceId: number | null;
  readonly minuteS: number | null;
  /** A sentence. */
  readonly reason: string;
}

/** What became of a batch, after COMMIT. */
export interface BatchOutcome {
  /** Cumulative: what the agent may delete. */
  readonly throughSeq: number;
  /** Values (metric × second) that are new. */
  readonly stored: number;
  /** Values that were there already, equal. */
  readonly duplicates: number;
  /** Values that differ from the one stored first; the first stays. */
  readonly conflicts: number;
  readonly rejected: readonly RejectedMinute[];
  /** The whole range had been stored before; nothing was written. */
  readonly absorbed: boolean;
}

/** The outcome of one minute of `storeSamples`, in values (metric × second). */
export interface SampleOutcome {
  readonly accepted: number;
  readonly duplicates: number;
  readonly conflicts: number;
  /** Why nothing of this minute was stored. */
  readonly error?: string | undefined;
}

/** The newest values of one device; `values[i]` belongs to `metrics[i]`, NaN: no value. */
export interface LiveValues {
  readonly tenantId: string;
  readonly deviceId: number;
  readonly atMs: number;
  readonly metrics: readonly number[];
  readonly values: Float32Array;
}

/** A batch begins after entries that were never seen. The agent resumes at `expectedSeq`. */
export class SequenceGapError extends Error {
  constructor(
    readonly agentId: string,
    readonly expectedSeq: number,
    readonly firstSeq: number,
  ) {
    super(
      `agent ${agentId} sent a batch from entry ${firstSeq}, but ${expectedSeq} is the next one: send again from ${expectedSeq}`,
    );
  }
}
