import type { PoolClient, QueryResultRow } from 'pg';
import type { EntityManager } from 'typeorm';
import type { CopyInRows } from './copy-in.js';

/** A transaction that may only read. Values go into `values`, never into the text. */
export interface ReadTx {
  /** Runs one statement and returns its rows. */
  rows<R extends QueryResultRow = QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<R[]>;
  /** The only row, or undefined when there is none. @throws Error when there is more than one (a bug in the statement) */
  row<R extends QueryResultRow = QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<R | undefined>;
}

export interface AuditSubject {
  readonly type: string;
  readonly id: string | number;
}

/** A transaction of one command. It must record at least one audit event, or it does not commit. */
export interface WriteTx extends ReadTx {
  /** TypeORM's manager on this very connection, for the stores. */
  readonly manager: EntityManager;
  /**
   * Writes an audit event in this transaction.
   *
   * @param details what changed, in wire names; secrets must be left out by the caller
   */
  record(eventType: string, subject: AuditSubject | null, details?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Wakes listeners of `channel` in every replica when, and only when, this transaction commits. */
  notify(channel: string, payload: string): Promise<void>;
  /** Runs after COMMIT, in order; never on rollback. For the network and for in-memory state. */
  afterCommit(effect: () => void | Promise<void>): void;
  /**
   * Streams rows into a table: `COPY <into> FROM STDIN`.
   *
   * @param into table and columns: `pg_temp.staging (a, b)`
   * @param rows in COPY's text format (`copyLine`), in chunks that end anywhere
   */
  copyIn(into: string, rows: CopyInRows): Promise<void>;
  /** Says why this transaction has nothing to audit (a key's last use, a lease renewal). */
  withoutAudit(reason: string): void;
}

/** A transaction of telemetry: the bare connection, for COPY. Row-level security does not cover metric tables. */
export interface IngestTx extends ReadTx {
  readonly client: PoolClient;
  notify(channel: string, payload: string): Promise<void>;
}

/** A transaction across tenants. */
export interface SystemTx extends ReadTx {
  readonly client: PoolClient;
  /** Writes an audit event for one tenant. */
  record(
    tenantId: string,
    actorLabel: string,
    eventType: string,
    subject: AuditSubject | null,
    details?: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  notify(channel: string, payload: string): Promise<void>;
  afterCommit(effect: () => void | Promise<void>): void;
}
