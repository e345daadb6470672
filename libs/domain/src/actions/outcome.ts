/** What a host says about an action it carried out (proto `ActionResult`). */
export interface ActionOutcome {
  readonly outcome: 'succeeded' | 'failed' | 'refused' | 'unknown';
  /** One sentence for a person. */
  readonly message: string;
  /** null: no command ran, or it was killed before it exited. */
  readonly exitCode: number | null;
  /** What the command printed; anything beyond 64 KiB is cut by the receiver. */
  readonly output: string;
  readonly outputTruncated: boolean;
  /** Unix milliseconds in the host's clock; null: not known. */
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  /** What the verification read; null is the same as unverified. */
  readonly observedState: 'running' | 'stopped' | 'unverified' | null;
}

/** The journal's word on one action (proto `QueryAnswer`). */
export interface QueryAnswer {
  readonly actionId: string;
  readonly state: 'never_accepted' | 'running' | 'done';
  /** Present when `done`. */
  readonly result: (ActionOutcome & { readonly fence: number }) | null;
}

/** A process that uses a GPU, as far as it is needed to know it again. */
export interface KnownProcess {
  /** GPU or MIG uuid; empty: not told. */
  readonly device: string;
  readonly pid: number;
  /** Path or name as the driver tells it; empty: not told. */
  readonly name: string;
  /** Unix milliseconds of its host's clock; 0: not told. */
  readonly startedAtMs: number;
}
