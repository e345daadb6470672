/** What an executor acts on in a test, seen and set from outside of the executor. */
export interface ContractStage {
  /** An element of `controls`, as somebody would write it; the contract sets `verify_s`, `timeout_s` and `protected`. */
  readonly control: Readonly<Record<string, unknown>> & { readonly kind: string };
  /** The instance that is named in the offer; `self` when absent. */
  readonly instanceId?: string;
  /** The verb that is tried; `stop` when absent. The stage begins in the opposite state. */
  readonly verb?: 'start' | 'stop';
  /** The kind's own name for what an offer asks; absent: `{}`. */
  readonly argumentsJson?: string;
  /** What is real now, read without the executor. */
  state(): Promise<'running' | 'stopped' | 'between'>;
  /** How often something was changed so far: calls that took effect, not questions. */
  effects(): Promise<number> | number;
  /** Somebody else brings it into the state. Does not count as an effect. */
  set(state: 'running' | 'stopped'): Promise<void> | void;
  /**
   * From now on the far end misbehaves:
   * - `refuses`: says no, nothing is done (an error, an exit code)
   * - `does-nothing`: takes it and says yes, and the state never changes
   * - `hangs`: does not answer to an act within `timeout_s`, nor does it do it
   * - `mute`: the state cannot be read (and acts still work); null where it cannot be staged
   *
   * @returns false where this kind cannot be made to misbehave so: the test is left out
   */
  misbehave(how: 'refuses' | 'does-nothing' | 'hangs' | 'mute'): boolean | Promise<boolean>;
  /** Behaves again. */
  mend(): void | Promise<void>;
  close(): void | Promise<void>;
}
