/** How far a log was read; plain data, kept on disk. What it means is the source's own matter. */
export type Position = Readonly<Record<string, number | string>>;

export interface Read {
  readonly lines: readonly string[];
  /** Lines were overwritten before they could be read. */
  readonly lost: boolean;
  /** There is more to read at once. */
  readonly more: boolean;
}

/** A log that is read from time to time, without ever waiting for it. */
export interface LogSource {
  /**
   * What came since the last call, at most some thousand lines.
   *
   * @throws Error with a code (ENOENT, EACCES, EPERM, …) when it cannot be read
   */
  read(): Read;
  /** How far it was read, for the next start; null: nothing to remember. */
  readonly position: Position | null;
  close(): void;
}
