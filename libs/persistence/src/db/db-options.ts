import type { EntityTarget, ObjectLiteral } from 'typeorm';
import type { Actor } from './actor.js';

/** Who a transaction is for when it only needs to know the tenant. */
export type TenantRef = Pick<Actor, 'tenantId'>;

export interface DbOptions {
  readonly connectionString: string;
  /** The TypeORM entities of every room. */
  readonly entities?: readonly EntityTarget<ObjectLiteral>[];
  /** Connections at most, per pool. */
  readonly readConnections?: number;
  readonly writeConnections?: number;
  readonly ingestConnections?: number;
  readonly systemConnections?: number;
  /** Exports at once; a further one waits for `acquireTimeoutMs`. */
  readonly exportConnections?: number;
  /** Statements that run longer are cancelled; milliseconds. Default 30 s. */
  readonly statementTimeoutMs?: number;
  /** A connection that is not free in this time is an error (503); milliseconds. Default 5 s. */
  readonly acquireTimeoutMs?: number;
  /** What goes wrong on idle connections. */
  readonly onError?: (error: Error) => void;
}

/** The connections of one pool at this moment. */
export interface PoolFigures {
  readonly pool: 'read' | 'write' | 'ingest' | 'system' | 'export';
  /** Open connections, lent and idle. */
  readonly total: number;
  readonly idle: number;
  /** Transactions that wait for a connection. */
  readonly waiting: number;
  /** Connections at most. */
  readonly limit: number;
}
