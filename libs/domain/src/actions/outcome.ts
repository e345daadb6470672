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
