import type { BatchOutcome, LiveValues, MinuteBatch, MinuteOfDevice, SampleOutcome } from './ingest.types.js';

/** The one way of telemetry into PostgreSQL, for the agents' streams and for POST /sync alike. */
export abstract class MetricsIngest {
  /**
   * Stores a batch and its ledger row in one transaction, together with batches of other agents. Resolves after COMMIT,
   * so that the caller may acknowledge `throughSeq`. A repeated range is absorbed.
   *
   * @throws SequenceGapError when entries before `firstSeq` are missing
   */
  abstract storeBatch(batch: MinuteBatch): Promise<BatchOutcome>;

  /** The last entry of this agent's spool that is stored; 0 for a spool that was never seen. */
  abstract position(agentId: string, walEpoch: bigint): Promise<number>;

  /** Stores minutes that carry no sequence (POST /sync): slots merge into what is there. One outcome per minute, in order. */
  abstract storeSamples(
    tenantId: string,
    agentId: string,
    minutes: readonly MinuteOfDevice[],
  ): Promise<SampleOutcome[]>;

  /** Takes the newest values for flotilla.gpu_live: lossy, coalesced, written at most every 5 s per device. */
  abstract storeLive(values: readonly LiveValues[]): void;
}
