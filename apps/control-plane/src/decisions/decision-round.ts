import type { FleetLayout, MinuteColumns, SeriesNeed } from '@flotilla/domain';
import type { ReadTx } from '@flotilla/persistence';

/** An instance of a round. */
export interface RoundInstance {
  readonly id: number;
  readonly providerId: string;
  /** Its name, or the provider's id where it has none. */
  readonly label: string;
  readonly state: string;
  readonly stateChangedAt: Date;
  readonly tags: Readonly<Record<string, string>>;
  readonly protected: boolean;
  readonly simulated: boolean;
  readonly agentId: string | null;
  /** In the order of their index. */
  readonly gpus: readonly RoundGpu[];
}

export interface RoundGpu {
  readonly deviceId: number;
  readonly uuid: string;
  readonly index: number | null;
}

/** The fleet of a tenant as a round sees it: every instance that is not terminated. */
export interface RoundFleet {
  readonly instances: readonly RoundInstance[];
  /** In the order of `instances`. A GPU that the driver lost within the last day still has its place. */
  readonly layout: FleetLayout;
}

/**
 * One closed minute of one tenant, for everybody who decides about it. What several evaluators ask for is read once.
 *
 * Missing values are NaN. A minute is decided once, some seconds after it closed, on what was stored by then.
 */
export interface DecisionRound {
  readonly tenantId: string;
  /** Unix minute that closed. */
  readonly minute: number;
  /** When it closed: the moment that decisions about it bear. */
  readonly at: Date;
  /** The minute that this replica decided before for this tenant; null: another one did, or nobody. Then holds have to be derived anew. */
  readonly previous: number | null;
  fleet(): Promise<RoundFleet>;
  /** The values of this minute, in the order of `series`. */
  columns(series: readonly SeriesNeed[]): Promise<MinuteColumns>;
  /** The values of earlier minutes, ascending, `from` to `to` both included; minutes without any value are left out. */
  past(series: readonly SeriesNeed[], from: number, to: number): AsyncIterable<PastMinute>;
  /**
   * To be called in every transaction that decides: from here to its end no other replica decides for this tenant.
   *
   * @throws RoundLostError when another replica took over; then nothing of the transaction may stay
   */
  hold(tx: ReadTx): Promise<void>;
}

export interface PastMinute {
  readonly minute: number;
  readonly columns: MinuteColumns;
}

/** Somebody who decides once a minute: alert rules, policies. */
export interface DecisionEvaluator {
  readonly name: string;
  /**
   * Decides about one minute. Called once for each minute in order; after a failure the next minute comes all the same, with
   * `previous` null. Opens its own transactions and calls `round.hold` in each.
   */
  evaluate(round: DecisionRound): Promise<void>;
}

/** Another replica decides for this tenant now. */
export class RoundLostError extends Error {
  constructor(tenantId: string) {
    super(`another replica decides for the tenant ${tenantId} now`);
  }
}
