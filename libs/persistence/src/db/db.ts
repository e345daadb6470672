import 'reflect-metadata';
import pg from 'pg';
import type { PoolClient, QueryResultRow } from 'pg';
import { DataSource } from 'typeorm';
import type { Actor } from './actor.js';
import { copyIn } from './copy-in.js';
import { copyOut } from './copy-out.js';
import type { CopyOptions, CopyOut, CopyValue } from './copy-out.js';
import type { DbOptions, PoolFigures, TenantRef } from './db-options.js';
import { Notifications } from './notifications.js';
import type { NotificationHandler } from './notifications.js';
import type { AuditSubject, IngestTx, ReadTx, SystemTx, WriteTx } from './tx.js';

/** A command that changed something and told nobody. Always a bug of the command. */
export class MissingAuditError extends Error {
  constructor() {
    super('a write transaction must record an audit event, or say with withoutAudit(reason) why there is none');
  }
}

// int8 and numeric reach us as text. Ids fit a double; money stays text until it is formatted.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a JavaScript number`);
  return value;
});

/**
 * The one door to PostgreSQL.
 *
 * Each kind of work has its own pool under its own role, so that a slow report cannot starve the agents, and sets the
 * tenant for row-level security with SET LOCAL, so that nothing leaks to the next borrower of a connection.
 * Never await the network inside a transaction.
 */
export class Db {
  private readonly readPool: pg.Pool;
  private readonly exportPool: pg.Pool;
  private readonly ingestPool: pg.Pool;
  private readonly systemPool: pg.Pool;
  private readonly writer: DataSource;
  private readonly notifications: Notifications;

  private constructor(private readonly options: DbOptions) {
    const onError = options.onError ?? (() => undefined);
    const pool = (role: string, max: number, more: pg.PoolConfig = {}) => {
      const made = new pg.Pool({ ...this.connection(role), ...more, max });
      made.on('error', onError);
      return made;
    };
    this.readPool = pool('flotilla_app', options.readConnections ?? 8);
    this.exportPool = pool('flotilla_app', options.exportConnections ?? 2, {
      statement_timeout: EXPORT_TIMEOUT_MS,
      // a reader that hangs up before the first row is noticed too
      options: `${this.connection('flotilla_app').options} -c client_connection_check_interval=500`,
    });
    this.ingestPool = pool('flotilla_ingest', options.ingestConnections ?? 5);
    this.systemPool = pool('flotilla_system', options.systemConnections ?? 4);
    this.writer = new DataSource({
      type: 'postgres',
      url: options.connectionString,
      schema: 'flotilla',
      entities: [...(options.entities ?? [])] as never,
      synchronize: false,
      installExtensions: false,
      extra: { ...this.connection('flotilla_app'), max: options.writeConnections ?? 8 },
      poolErrorHandler: onError,
    });
    this.notifications = new Notifications(options.connectionString, onError);
  }

  static async open(options: DbOptions): Promise<Db> {
    const db = new Db(options);
    await db.writer.initialize();
    return db;
  }

  async close(): Promise<void> {
    await this.notifications.close();
    await Promise.all([this.readPool.end(), this.exportPool.end(), this.ingestPool.end(), this.systemPool.end()]);
    if (this.writer.isInitialized) await this.writer.destroy();
  }

  /** Reads as one tenant, in a READ ONLY transaction with one snapshot per statement. */
  async read<T>(actor: TenantRef, work: (tx: ReadTx) => Promise<T>): Promise<T> {
    return this.inTransaction(this.readPool, 'BEGIN READ ONLY', actor.tenantId, async (client) => work(reader(client)));
  }

  /**
   * Streams a query of one tenant as the database formats it, in a READ ONLY transaction.
   */
  copyOut(actor: TenantRef, sql: string, values: readonly CopyValue[], options: CopyOptions): Promise<CopyOut> {
    return copyOut(this.exportPool, actor.tenantId, sql, values, options);
  }

  /**
   * Streams a query of one tenant in PostgreSQL's binary format, in a READ ONLY transaction: for numbers by the million, of
   * which no row becomes an object. Every chunk holds whole rows (`readBinaryRows` takes them apart).
   */
  readBinary(actor: TenantRef, sql: string, values: readonly CopyValue[]): Promise<CopyOut> {
    return copyOut(this.readPool, actor.tenantId, sql, values, { format: 'FORMAT binary', endOfRow: 'lf' });
  }

  /** One command of one tenant: what `work` did is committed whole, together with its audit, or not at all. */
  async write<T>(actor: Actor, work: (tx: WriteTx) => Promise<T>): Promise<T> {
    const runner = this.writer.createQueryRunner();
    const effects: (() => void | Promise<void>)[] = [];
    let audited = false;
    let result: T;
    try {
      await runner.startTransaction();
      try {
        const rows = async <R extends QueryResultRow>(sql: string, values: readonly unknown[] = []) => {
          const outcome = (await runner.query(sql, [...values], true)) as { records: R[] };
          return outcome.records ?? [];
        };
        await rows(`SELECT set_config('flotilla.tenant_id', $1, true)`, [actor.tenantId]);
        result = await work({
          manager: runner.manager,
          rows,
          row: async (sql, values) => only(await rows(sql, values)) as never,
          record: async (eventType, subject, details = {}) => {
            audited = true;
            await rows(INSERT_AUDIT, auditValues(actor, eventType, subject, details));
          },
          notify: async (channel, payload) => void (await rows('SELECT pg_notify($1, $2)', [channel, payload])),
          afterCommit: (effect) => void effects.push(effect),
          copyIn: async (into, chunks) => copyIn((await runner.connect()) as PoolClient, into, chunks),
          withoutAudit: () => {
            audited = true;
          },
        });
        if (!audited) throw new MissingAuditError();
        await runner.commitTransaction();
      } catch (error) {
        if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
        throw error;
      }
    } finally {
      await runner.release();
    }
    for (const effect of effects) await effect();
    return result;
  }

  /** Writes telemetry; committed with synchronous_commit on, so that what is acknowledged survives a crash. */
  async ingest<T>(work: (tx: IngestTx) => Promise<T>): Promise<T> {
    return this.inTransaction(this.ingestPool, 'BEGIN', '', (client) =>
      work({ ...reader(client), client, notify: notifier(client) }),
    );
  }

  /**
   * Work across tenants. Only dispatch, jobs, authentication's first look-up and the installation's own set-up may
   * call this; test/house holds the list of callers.
   */
  async system<T>(work: (tx: SystemTx) => Promise<T>): Promise<T> {
    const effects: (() => void | Promise<void>)[] = [];
    const result = await this.inTransaction(this.systemPool, 'BEGIN', '', (client) =>
      work({
        ...reader(client),
        client,
        record: async (tenantId, actorLabel, eventType, subject, details = {}) => {
          const actor: Actor = { tenantId, type: 'system', id: null, label: actorLabel };
          await client.query(INSERT_AUDIT, auditValues(actor, eventType, subject, details));
        },
        notify: notifier(client),
        afterCommit: (effect) => void effects.push(effect),
      }),
    );
    for (const effect of effects) await effect();
    return result;
  }

  /**
   * Listens for NOTIFY of other replicas and of this one.
   *
   * @returns a function that ends the listening
   */
  listen(channel: string, handler: NotificationHandler): Promise<() => void> {
    return this.notifications.listen(channel, handler);
  }

  /** Calls `handler` when notifications may have been missed, because their connection was lost and made anew. */
  onNotificationsLost(handler: () => void): void {
    this.notifications.onReconnect(handler);
  }

  /** How busy the pools are; asks the database nothing. */
  pools(): PoolFigures[] {
    const writer = (this.writer.driver as unknown as { master: pg.Pool }).master;
    const pools = {
      read: this.readPool,
      write: writer,
      ingest: this.ingestPool,
      system: this.systemPool,
      export: this.exportPool,
    };
    return (Object.keys(pools) as (keyof typeof pools)[]).map((pool) => {
      const { totalCount, idleCount, waitingCount, options } = pools[pool];
      return { pool, total: totalCount, idle: idleCount, waiting: waitingCount, limit: options.max };
    });
  }

  private connection(role: string): pg.PoolConfig {
    return {
      connectionString: this.options.connectionString,
      options: `-c role=${role} -c search_path=flotilla,public -c timezone=UTC`,
      statement_timeout: this.options.statementTimeoutMs ?? 30_000,
      connectionTimeoutMillis: this.options.acquireTimeoutMs ?? 5_000,
      idle_in_transaction_session_timeout: 60_000,
      application_name: `flotilla ${role}`,
    };
  }

  private async inTransaction<T>(
    pool: pg.Pool,
    begin: string,
    tenantId: string,
    work: (client: PoolClient) => Promise<T>,
  ): Promise<T> {
    const client = await pool.connect();
    let broken: Error | undefined;
    // while a connection is lent the pool does not listen to it, and an 'error' nobody hears would end the process
    const onLost = (error: Error) => {
      broken = error;
    };
    client.on('error', onLost);
    try {
      await client.query(begin);
      if (tenantId) await client.query(`SELECT set_config('flotilla.tenant_id', $1, true)`, [tenantId]);
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((rollbackError: Error) => {
        broken = rollbackError;
      });
      throw error;
    } finally {
      client.off('error', onLost);
      client.release(broken);
    }
  }
}

/** A download may be slow; what hangs longer than this is given up. */
const EXPORT_TIMEOUT_MS = 30 * 60_000;

const INSERT_AUDIT = `
  INSERT INTO flotilla.audit_log (tenant_id, event_type, actor_type, actor_id, actor_label, address, request_id, subject_type, subject_id, details)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

function auditValues(actor: Actor, eventType: string, subject: AuditSubject | null, details: object): unknown[] {
  return [
    actor.tenantId,
    eventType,
    actor.type,
    actor.id,
    actor.label,
    actor.address ?? null,
    actor.requestId ?? null,
    subject?.type ?? null,
    subject ? String(subject.id) : null,
    JSON.stringify(details),
  ];
}

function reader(client: PoolClient): ReadTx {
  const rows = async <R extends QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
    (await client.query<R>(sql, [...values])).rows;
  return { rows, row: async (sql, values) => only(await rows(sql, values)) as never };
}

function notifier(client: PoolClient) {
  return async (channel: string, payload: string) => {
    await client.query('SELECT pg_notify($1, $2)', [channel, payload]);
  };
}

function only<R>(rows: R[]): R | undefined {
  if (rows.length > 1) throw new Error(`one row expected, ${rows.length} came`);
  return rows[0];
}
