/** Batches that were sent and not acknowledged, against what the control plane allows. Pure. */
export interface Credits {
  /** Batches that may be in flight. */
  readonly window: number;
  /** Last sequence numbers of the batches in flight, ascending. */
  readonly inFlight: readonly number[];
}

export const noCredits: Credits = { window: 0, inFlight: [] };

export const maySend = (credits: Credits): boolean => credits.inFlight.length < credits.window;

export const sent = (credits: Credits, lastSeq: number): Credits => ({
  ...credits,
  inFlight: [...credits.inFlight, lastSeq],
});

/** Acknowledgements are cumulative; a repeated or older one changes nothing. */
export const acknowledged = (credits: Credits, throughSeq: number): Credits => ({
  ...credits,
  inFlight: credits.inFlight.filter((lastSeq) => lastSeq > throughSeq),
});
